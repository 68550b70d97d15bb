export { type CircuitConfig, circuitDefaults } from './config.ts';
export { CIRCUITS_ATTRIBUTE, type CircuitStatus } from './pool.ts';
export { Circuits } from './service.ts';
export * from './verbs.ts';
