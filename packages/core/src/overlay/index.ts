export { ACCEPT, type Arrival, type Handler, type Verdict } from './arrival.ts';
export { type OverlayConfig, overlayDefaults } from './config.ts';
export type { Delivery } from './custody.ts';
export { Overlay, type OverlayDeps, type OverlayEvents, overlayTables } from './overlay.ts';
export type { ReceiptState } from './reports.ts';
export { type Candidate, type Claim, type RouteEntry, RoutingTable, UNREACHABLE } from './routing-table.ts';
export { DISCOVERY_BYTES, type FirstBytes, type PacketHandler, REGISTRY_BYTES, STUN_BYTES, UdpPort } from './udp-port.ts';
export * from './verbs.ts';
