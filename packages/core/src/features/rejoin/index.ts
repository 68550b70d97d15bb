export { type RejoinConfig, rejoinDefaults } from './config.ts';
export { Rejoin, type RejoinDeps, rejoinTables } from './service.ts';
