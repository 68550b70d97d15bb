export interface CertificateConfig {
  /** Certificates kept in memory and read back at the start. */
  readonly capacity: number;
  /** A node is asked again after this long without an answer. */
  readonly askAgainMs: number;
  /** One node is answered at most this often. */
  readonly answerAgainMs: number;
}

export const certificateDefaults: CertificateConfig = { capacity: 5000, askAgainMs: 10 * 60_000, answerAgainMs: 10_000 };
