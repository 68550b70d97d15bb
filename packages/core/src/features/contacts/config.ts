import type { Rate } from '../../util/bounded.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export interface ContactConfig {
  /** Contacts in all, those that are blocked among them. */
  readonly capacity: number;
  /** Requests of others that wait for an answer. Above that the oldest stranger's gives way. */
  readonly maxOpen: number;
  /** Requests that one key may make, and that all strangers may make together. */
  readonly requestsOfOne: Rate;
  readonly requestsOfAll: Rate;
  /** A request that nobody has answered is made again when its addressee comes into reach, this long after the last time. */
  readonly askAgainMs: number;
  /** And no more, this long after the user wanted them. */
  readonly askForMs: number;
  /** Whatever is still to be said to a contact whose certificate did not come is tried again, this often. */
  readonly tryAgainMs: number;
  /** How far from now a new key may have been named. */
  readonly keyChangeBackMs: number;
  readonly keyChangeAheadMs: number;
}

export const contactDefaults: ContactConfig = {
  capacity: 5000,
  maxOpen: 100,
  requestsOfOne: { perSecond: 1 / 600, burst: 3 },
  requestsOfAll: { perSecond: 1, burst: 100 },
  askAgainMs: 24 * HOUR,
  askForMs: 14 * 24 * HOUR,
  tryAgainMs: 3 * MINUTE,
  keyChangeBackMs: 8 * 24 * HOUR,
  keyChangeAheadMs: 15 * MINUTE,
};
