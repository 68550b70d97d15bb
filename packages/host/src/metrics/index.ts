export { describeMetrics } from './document.ts';
export type { About, Exposition } from './exposition.ts';
