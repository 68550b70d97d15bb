export { isWsAddress } from './address.ts';
export { LINK_PATH, PROTOCOL, type WsRefusal, type WsTransportOptions } from './settings.ts';
export { createWsTransport, type WsTransport } from './transport.ts';
