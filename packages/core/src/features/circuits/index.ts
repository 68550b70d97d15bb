export { contentBytes, filled, Layer } from './cell.ts';
export { type CircuitConfig, circuitDefaults } from './config.ts';
export { answer, conclude, freshKey } from './handshake.ts';
export { loadMaking, loadServing } from './load.ts';
export { CIRCUITS_ATTRIBUTE } from './pool.ts';
export { Circuits } from './service.ts';
export { CircuitStream } from './stream.ts';
export * from './verbs.ts';
