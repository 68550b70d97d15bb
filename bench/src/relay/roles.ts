import type { HistogramCounts } from '../lib/histogram.ts';
import type { Period } from '../lib/time.ts';

/** S: passes messages on. */
export interface Relay {
  /** Begins to listen; the address, in the subject's own notation. */
  listen(): Promise<string>;
  /** Resolves when sender and recipient are connected and their messages would be passed on. */
  ready(): Promise<void>;
}

/** B: has a link to S alone, and verifies what arrives. */
export interface Recipient {
  /** Connects to the relay; by what the sender calls this node (empty where it needs no name). */
  connect(address: string): Promise<string>;
  measure(period: Period): void;
  /** Messages delivered since the start, as soon as there is news. */
  progress(): Promise<number>;
  result(): RelayResult;
}

export interface RelayResult {
  /** Verified messages delivered within the period. */
  readonly messages: number;
  /** Of those, milliseconds from before the signature until delivery. */
  readonly latency: HistogramCounts;
}

/** A: has a link to S alone, signs and sends. */
export interface Sender {
  connect(address: string, recipient: string): Promise<void>;
  /** Resolves when its messages would reach the relay. */
  ready(): Promise<void>;
  /** Sends messages of 200 bytes until the period ends, never more than `window` of them under way. */
  run(period: Period, window: number): Promise<SenderResult>;
  /** So many have been delivered since the start. */
  complete(total: number): void;
}

export interface SenderResult {
  readonly sent: number;
  /** Given up because nothing was delivered for two seconds. */
  readonly lost: number;
}

export interface RelayRoles {
  relay: Relay;
  recipient: Recipient;
  sender: Sender;
}

/** The recipient tells of its progress at every so many messages, or so many milliseconds. */
export const progressStep = 32;
export const progressMs = 5;
