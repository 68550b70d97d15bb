export { ALPN_PROTOCOL, type TlsIdentity } from './context.ts';
export { DEFAULT_TLS_LIMITS, type RefusalReason, type TlsLimits } from './limits.ts';
export type { TlsTransportOptions } from './options.ts';
export { createTlsTransport } from './transport.ts';
