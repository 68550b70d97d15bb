import { type Clock, DEFAULT_MAX_FRAME_BYTES, type Log } from '@parley/core';
import { Flusher } from './flusher.ts';
import { SMALL_STAGE_BYTES, STAGE_BYTES, Stages } from './stages.ts';
import { Turns } from './turns.ts';

/** What the transports over sockets can be told alike. */
export interface SocketOptions {
  /** Largest frame to take and to make. Default 1 MiB. */
  readonly maxFrameBytes?: number;
  /** From the first byte until the connection is open, in either direction. Default 10,000. */
  readonly handshakeTimeoutMs?: number;
  /** How long `close` waits for the peer before the socket is destroyed. Default 5,000. */
  readonly lingerMs?: number;
  /** `drain` is announced when no more than this is queued. Default 256 KiB. */
  readonly lowWaterBytes?: number;
  readonly log: Log;
  /** For time-outs. Default: the timers of Node.js. */
  readonly clock?: Pick<Clock, 'after'>;
}

/** What all connections of a transport have in common. */
export interface ConnectionSettings extends Required<SocketOptions> {
  readonly flusher: Flusher;
  readonly turns: Turns;
  readonly stages: Stages;
  readonly smallStages: Stages;
}

/** Timers that do not keep the process alive: the sockets they watch over do. */
const nodeTimers: Pick<Clock, 'after'> = {
  after(ms, run) {
    const timer = setTimeout(run, ms);
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

export function connectionSettings(options: SocketOptions): ConnectionSettings {
  return {
    maxFrameBytes: options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES,
    handshakeTimeoutMs: options.handshakeTimeoutMs ?? 10_000,
    lingerMs: options.lingerMs ?? 5_000,
    lowWaterBytes: options.lowWaterBytes ?? 256 * 1024,
    log: options.log,
    clock: options.clock ?? nodeTimers,
    flusher: new Flusher(),
    turns: new Turns(),
    stages: new Stages(STAGE_BYTES),
    smallStages: new Stages(SMALL_STAGE_BYTES),
  };
}
