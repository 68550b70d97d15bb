import type { SocketOptions } from '../sockets/settings.ts';
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

export interface WsTransportOptions extends SocketOptions {
  /** A connection that is no link (yet) counts as one in its handshake. */
  readonly limits?: Partial<TlsLimits>;
  /** Called for each incoming connection that was turned away. */
  readonly onRefused?: (reason: WsRefusal) => void;
}
