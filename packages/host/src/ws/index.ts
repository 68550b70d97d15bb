export { isWsAddress, parseWsAddress } from './address.ts';
export { LINK_PATH, PROTOCOL, type WsRefusal, type WsTransportOptions } from './settings.ts';
export { createWsTransport, DEFAULT_WS_LIMITS, type WsTransport } from './transport.ts';
