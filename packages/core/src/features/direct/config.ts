const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export interface DirectConfig {
  /** Groups that are kept with one contact, for what is still under way. */
  readonly maxSessions: number;
  /** What was offered to a contact and not taken yet: so many, for so long. A request may wait for two weeks. */
  readonly maxOffers: number;
  readonly offerMs: number;
  /** After this long, or so many messages, another group is begun. */
  readonly renewMs: number;
  readonly renewAfter: number;
  /** For how long a message may be under way: older groups are forgotten, and ids of what was opened. */
  readonly keepMs: number;
  /** A contact is asked to begin a session at most this often, and may ask us. */
  readonly askEveryMs: number;
  /** And one who is away only this long after it was last asked. */
  readonly askAbsentMs: number;
  /** A message of a session that is not here waits for it so long, and is left to catch-up afterwards. */
  readonly waitMs: number;
  /** Content keys of what was opened lately are kept for copies that come at once: so many, for so long. */
  readonly recentKeys: number;
  readonly recentMs: number;
  /** See `GroupLimits`. */
  readonly keepSkipped: number;
  readonly maxSkipped: number;
}

export const directDefaults: DirectConfig = {
  maxSessions: 4,
  maxOffers: 4,
  offerMs: 30 * DAY,
  renewMs: DAY,
  renewAfter: 500,
  keepMs: 8 * DAY,
  askEveryMs: 30_000,
  askAbsentMs: 2 * DAY,
  waitMs: 2 * MINUTE,
  recentKeys: 256,
  recentMs: 5 * MINUTE,
  keepSkipped: 1000,
  maxSkipped: 5000,
};
