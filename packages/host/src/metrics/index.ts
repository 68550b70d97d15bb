export { describeMetrics } from './document.ts';
export type { Exposition } from './exposition.ts';
