export interface CertificateConfig {
  /** Certificates kept, on disk and of each the name and key in memory. */
  readonly capacity: number;
  /** A node is asked again after this long without an answer. */
  readonly askAgainMs: number;
  /** Nodes asked a second, and at once: whoever looks at a long list of strangers does not ask all of them. */
  readonly asksPerSecond: number;
  readonly asksAtOnce: number;
  /** One node is answered at most this often. */
  readonly answerAgainMs: number;
  /** How long whoever wants to seal something waits for a certificate that is not here yet. */
  readonly waitMs: number;
  /** When a certificate was last used is written down this often. */
  readonly saveUsesMs: number;
}

export const certificateDefaults: CertificateConfig = {
  capacity: 5000,
  askAgainMs: 10 * 60_000,
  asksPerSecond: 5,
  asksAtOnce: 100,
  answerAgainMs: 10_000,
  waitMs: 30_000,
  saveUsesMs: 60 * 60_000,
};
