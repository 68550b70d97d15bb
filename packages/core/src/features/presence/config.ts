const MINUTE = 60_000;

export interface PresenceConfig {
  /** Who has done nothing for this long is away. */
  readonly awayMs: number;
  /** While the user is there it is told again this often, give or take a quarter. */
  readonly repeatMs: number;
  /** What was heard last holds this long. */
  readonly livesMs: number;
  /** A change, and the coming of a contact, is told within this time: at another moment to each. */
  readonly spreadMs: number;
  /** The same is told a device again only after this long, however often it comes and goes. */
  readonly againMs: number;
  /** Devices of which something is remembered. */
  readonly capacity: number;
}

export const presenceDefaults: PresenceConfig = {
  awayMs: 5 * MINUTE,
  repeatMs: 4 * MINUTE,
  livesMs: 11 * MINUTE,
  spreadMs: 3000,
  againMs: 20_000,
  capacity: 5000,
};
