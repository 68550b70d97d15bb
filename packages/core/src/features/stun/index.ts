export { type StunConfig, stunDefaults } from './config.ts';
export { Stun, type StunDeps } from './service.ts';
