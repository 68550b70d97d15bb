export { DEFAULT_SERVER_HTTP, DEFAULT_SERVER_TLS, type HostNodeOptions, type ReadyEvent } from './options.ts';
export { runHostNode } from './run.ts';
export { type HostNode, startHostNode } from './start.ts';
