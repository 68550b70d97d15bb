import { runNode } from '@parley/browser/worker';

runNode();
