export * from './ports/index.ts';
export * from './util/index.ts';
