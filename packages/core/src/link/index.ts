export { type LinkConfig, linkDefaults } from './config.ts';
export { Link, type Peer } from './link.ts';
export { type LinkDeps, type LinkEvents, Links } from './links.ts';
export type { LocalNode } from './opening.ts';
export { backoffMs, keepLink } from './redial.ts';
export { Reputation } from './reputation.ts';
export { type IncomingTransfer, OutgoingTransfer, type TransferHandler, type TransferSink, Transfers } from './transfers.ts';
export * from './verbs.ts';
