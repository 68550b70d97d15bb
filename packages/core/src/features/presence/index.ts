export { type PresenceConfig, presenceDefaults } from './config.ts';
export { Presence } from './service.ts';
export type { UserPresence } from './state.ts';
export { PRESENCE, presenceVerbs } from './verbs.ts';
