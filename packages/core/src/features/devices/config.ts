const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export interface DeviceConfig {
  /** Devices of one person, the first among them. */
  readonly maxDevices: number;
  /** Revoked devices that a list remembers, so that what they wrote before stays theirs. */
  readonly maxFormer: number;
  /** How long a code for linking can be used. */
  readonly codeMs: number;
  /** How long a new device that has agreed waits to be confirmed. */
  readonly promiseMs: number;
  /** How long the new device is waited for. */
  readonly answerMs: number;
  /** What is still to be told is tried again, and own devices compare what they share, this often. */
  readonly tryAgainMs: number;
  /** All that is shared goes to one device at most this often. */
  readonly tellAllMs: number;
  /** Changes are gathered for so long before own devices are told. */
  readonly gatherMs: number;
  /** Things that own devices share: contacts, channels, marks. */
  readonly maxShared: number;
  /** How long devices of a key that was replaced can come along: as long as its statement is believed. */
  readonly followMs: number;
  /** How far ahead of our clock a change may be dated; above that it counts as made now. */
  readonly aheadMs: number;
}

export const deviceDefaults: DeviceConfig = {
  maxDevices: 8,
  maxFormer: 8,
  codeMs: 10 * MINUTE,
  promiseMs: HOUR,
  answerMs: 30_000,
  tryAgainMs: 3 * MINUTE,
  tellAllMs: 20_000,
  gatherMs: 300,
  maxShared: 20_000,
  followMs: 8 * 24 * HOUR,
  aheadMs: HOUR,
};
