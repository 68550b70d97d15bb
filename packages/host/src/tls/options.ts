import type { Clock, Log } from '@parley/core';
import type { TlsIdentity } from './context.ts';
import type { RefusalReason, TlsLimits } from './limits.ts';

export interface TlsTransportOptions extends TlsIdentity {
  /** Largest frame to take and to make. Default 1 MiB. */
  readonly maxFrameBytes?: number;
  /** From the first byte to the end of the handshake, in either direction. Default 10,000. */
  readonly handshakeTimeoutMs?: number;
  /** How long `close` waits for the peer before the socket is destroyed. Default 5,000. */
  readonly lingerMs?: number;
  /** `drain` is announced when no more than this is queued. Default 256 KiB. */
  readonly lowWaterBytes?: number;
  readonly limits?: Partial<TlsLimits>;
  /** Called for each incoming connection that was turned away. */
  readonly onRefused?: (reason: RefusalReason) => void;
  readonly log: Log;
  /** For time-outs. Default: the timers of Node.js. */
  readonly clock?: Pick<Clock, 'after'>;
}

/** Timers that do not keep the process alive: the sockets they watch over do. */
export const nodeTimers: Pick<Clock, 'after'> = {
  after(ms, run) {
    const timer = setTimeout(run, ms);
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};
