import { runNode } from '@parley/browser/worker';
import { HASTE } from '../lib/haste.ts';

const { setTimeout: waits } = globalThis;
const monotonic = performance.now.bind(performance);
performance.now = () => monotonic() * HASTE;
Object.assign(globalThis, { setTimeout: (run: () => void, ms = 0) => waits(run, ms / HASTE) });
runNode();
