export { type StunConfig, stunDefaults } from './config.ts';
export { loadStun } from './load.ts';
export { Stun, type StunDeps } from './service.ts';
