export { createCrypto } from './crypto.ts';
export { OpfsFiles } from './files/opfs.ts';
export { createLog } from './log.ts';
export { openParley } from './open-parley.ts';
export type { KnownNode, Parley, ParleyOptions, Phase, ServerView, TabEvent, TabNode, TabStatus } from './parley.ts';
export { createClock, createRandom } from './platform.ts';
export { deleteIdbStore, openIdbStore } from './store/index.ts';
export { serverUrl } from './ws/address.ts';
export { createWsTransport } from './ws/transport.ts';
