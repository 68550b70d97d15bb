import type { Period } from '../lib/time.ts';

/** Accepts one link and takes whatever bytes come. */
export interface Receiver {
  /** Begins to listen; the address, in the subject's own notation. */
  listen(): Promise<string>;
  measure(period: Period): void;
  /** Bytes of data received within the period. */
  received(): number;
}

/** Opens one link and sends as fast as the link's back-pressure allows. */
export interface Sender {
  connect(address: string): Promise<void>;
  /** Sends until the period ends. */
  run(period: Period): Promise<void>;
}

export interface StreamRoles {
  receiver: Receiver;
  sender: Sender;
}

/** Bytes handed over at a time; the same for every subject. */
export const chunkBytes = 64 * 1024;
