import type { Period } from '../lib/time.ts';

/** Accepts links, in a process of its own. */
export interface Listener {
  /** Begins to listen; the address, in the subject's own notation. */
  listen(): Promise<string>;
  measure(period: Period): void;
  /** Links that this side considered open within the period. */
  opened(): number;
}

/** Opens links one after another with each of several identities, in a process of its own. */
export interface Dialler {
  prepare(identities: number): Promise<void>;
  /** Dials and closes until the period ends; the number of links that this side considered open within it. */
  run(address: string, period: Period): Promise<number>;
}

export interface HandshakeRoles {
  listener: Listener;
  dialler: Dialler;
}
