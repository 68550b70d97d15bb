import type { Clock, Log } from '@parley/core';
import type { Flusher } from '../tls/flusher.ts';
import type { TlsLimits } from '../tls/limits.ts';

/** Where links come in on an HTTP listener, and the subprotocol that says that it is one. */
export const LINK_PATH = '/link';
export const PROTOCOL = 'parley.1';

/** Parts that one message may come in. Browsers cut by the buffer, some dozens of KiB; each part held costs memory of its own. */
export const MAX_FRAGMENTS = 1024;

/** Why an incoming connection was turned away; one metric label each. */
export type WsRefusal =
  | 'connections'
  | 'connections-per-address'
  | 'http-connections'
  | 'http-connections-per-address'
  | 'path'
  | 'insecure'
  | 'host'
  | 'origin'
  | 'protocol'
  | 'handshake'
  | 'listener-closed';

/** What all connections of a transport have in common. */
export interface WsSettings {
  /** Largest WebSocket message to take and to make. */
  readonly maxFrameBytes: number;
  /** `drain` is announced when `queued` comes down to this from above. */
  readonly lowWaterBytes: number;
  /** How long `close` waits for the peer to take what is queued and to answer. */
  readonly lingerMs: number;
  readonly flusher: Flusher;
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Log;
}

export interface WsTransportOptions {
  /** Largest frame to take and to make. Default 1 MiB. */
  readonly maxFrameBytes?: number;
  /** From the first byte to the open WebSocket, in either direction. Default 10,000. */
  readonly handshakeTimeoutMs?: number;
  /** How long `close` waits for the peer before the socket is destroyed. Default 5,000. */
  readonly lingerMs?: number;
  /** `drain` is announced when no more than this is queued. Default 256 KiB. */
  readonly lowWaterBytes?: number;
  /** A connection that is no link (yet) counts as one in its handshake. */
  readonly limits?: Partial<TlsLimits>;
  /** Called for each incoming connection that was turned away. */
  readonly onRefused?: (reason: WsRefusal) => void;
  readonly log: Log;
  /** For time-outs. Default: the timers of Node.js. */
  readonly clock?: Pick<Clock, 'after'>;
}
