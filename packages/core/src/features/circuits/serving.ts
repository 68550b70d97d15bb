export { Exit } from './exit.ts';
export { Hops } from './hops.ts';
