import type { VirtualClock } from '../clock.ts';
import type { SeededRandom } from '../random.ts';
import type { ConditionTable } from './conditions.ts';
import type { Taps } from './tap.ts';

export interface NetworkConfig {
  /** Unread bytes that a receiver takes, with those under way, before the sender has to queue. */
  readonly windowBytes: number;
  /** After more than `highWaterBytes` were queued, `drain` is told once no more than `lowWaterBytes` are. */
  readonly highWaterBytes: number;
  readonly lowWaterBytes: number;
  /** Longest JSON message that a host makes and takes, unless it has a limit of its own (WIRE "Frames"). */
  readonly maxMessageBytes: number;
  /** Longest piece in which data frames travel. */
  readonly segmentBytes: number;
  /** Whether messages come as UTF-8 or decoded, as platforms differ in that. */
  readonly messagesAs: 'bytes' | 'text';
  readonly dialTimeoutMs: number;
  /** A connection whose bytes get nowhere for so long is dead. */
  readonly stallTimeoutMs: number;
  /** First time-out after which a lost frame is sent again; doubles each time. */
  readonly retransmitMs: number;
  /** How long `close` waits for the other side to end too. */
  readonly lingerMs: number;
}

export const NETWORK_DEFAULTS: NetworkConfig = {
  windowBytes: 256 * 1024,
  highWaterBytes: 1024 * 1024,
  lowWaterBytes: 256 * 1024,
  maxMessageBytes: 1024 * 1024,
  segmentBytes: 64 * 1024,
  messagesAs: 'bytes',
  dialTimeoutMs: 10_000,
  stallTimeoutMs: 15_000,
  retransmitMs: 200,
  lingerMs: 60_000,
};

export interface NetworkCounters {
  /** Frames that were put on the wire, without `open`, `end` and `reset`. */
  frames: number;
  bytes: number;
  dropped: number;
  datagrams: number;
  connections: number;
}

/** Where one direction of a connection leads. */
export interface PipeRoute {
  /** Names of hosts. */
  readonly from: string;
  readonly to: string;
  readonly fromAddress: string;
  readonly toAddress: string;
  readonly connection: number;
}

export interface LivePipe {
  readonly route: PipeRoute;
  /** Looks at the conditions again after they changed. */
  refresh(): void;
  /** Ends the sender's part without a word. */
  sever(): void;
}

/** What everything inside of a simulated network shares. */
export interface Fabric {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly conditions: ConditionTable;
  readonly taps: Taps;
  /** Those in which something can still happen. */
  readonly pipes: Set<LivePipe>;
  readonly config: NetworkConfig;
  readonly counters: NetworkCounters;
}

/** Time that goes by until a frame gets through after `first`, or undefined when that would take longer than `limitMs`. */
export function retransmission(fabric: Fabric, loss: number, limitMs: number): number | undefined {
  let delay = 0;
  let wait = fabric.config.retransmitMs;
  while (fabric.random.chance(loss)) {
    delay += wait;
    wait *= 2;
    if (delay >= limitMs) return undefined;
  }
  return delay;
}

/** The first moment at or after `elapsed` at which a sender that has been trying since 0 tries again. */
export function nextAttempt(retransmitMs: number, elapsed: number): number {
  let at = 0;
  let wait = retransmitMs;
  while (at < elapsed) {
    at += wait;
    wait *= 2;
  }
  return at;
}
