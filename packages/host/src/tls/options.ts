import type { SocketOptions } from '../sockets/settings.ts';
import type { TlsIdentity } from './context.ts';
import type { RefusalReason, TlsLimits } from './limits.ts';

export interface TlsTransportOptions extends TlsIdentity, SocketOptions {
  readonly limits?: Partial<TlsLimits>;
  /** Called for each incoming connection that was turned away. */
  readonly onRefused?: (reason: RefusalReason) => void;
}
