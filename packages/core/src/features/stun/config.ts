export interface StunConfig {
  /** Questions a second, and at once, that one network gets answers to. */
  readonly perSecond: number;
  readonly burst: number;
  /** The same for all networks together: the senders of questions can be invented. */
  readonly totalPerSecond: number;
  readonly totalBurst: number;
  /** Networks whose questions are counted. */
  readonly networks: number;
  /** Own questions under way. */
  readonly maxAsking: number;
  /** Before a question is asked again; doubles each time (RFC 8489 section 6.2.1). */
  readonly retryMs: number;
  /** How often a question is asked in all. */
  readonly tries: number;
}

export const stunDefaults: StunConfig = {
  perSecond: 10,
  burst: 50,
  totalPerSecond: 2000,
  totalBurst: 4000,
  networks: 4096,
  maxAsking: 64,
  retryMs: 500,
  tries: 5,
};
