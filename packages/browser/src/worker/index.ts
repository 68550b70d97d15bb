export { runNode } from './run-node.ts';
