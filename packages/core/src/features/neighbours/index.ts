export { type NeighbourConfig, neighbourDefaults } from './config.ts';
export { Neighbours, type ServerContact } from './service.ts';
