export { type Conditions, DEFAULT_CONDITIONS } from './conditions.ts';
export type { MemoryConnection } from './connection.ts';
export { NETWORK_DEFAULTS, type NetworkConfig, type NetworkCounters } from './fabric.ts';
export { MemoryNetwork, type NetworkOptions } from './network.ts';
export type { FrameHandler, FrameVerdict, TappedFrame } from './tap.ts';
