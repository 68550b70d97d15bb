export interface ConnectConfig {
  /** From the question until there is a link, at both ends. */
  readonly timeoutMs: number;
  /** Attempts at once: own ones and answers to others' together. */
  readonly maxAtOnce: number;
  /** A question counts this long before and after the time that its `auth` names; one that was answered is not answered again. */
  readonly freshMs: number;
}

export const connectDefaults: ConnectConfig = {
  timeoutMs: 15_000,
  maxAtOnce: 16,
  freshMs: 15 * 60_000,
};
