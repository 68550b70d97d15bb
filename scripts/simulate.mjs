/** `npm run simulate`: prepares, then runs simulate/src/main.ts with the arguments given. */
import { ensureBuilt, ensureDependencies, exitWith } from './lib/prepare.mjs';
import { runProgram } from './lib/tools.mjs';

/** Room for ten thousand whole servers. Nearly all that a packet makes is gone with it: a large young generation spares copying. */
const MEMORY = ['--max-old-space-size=10000', '--max-semi-space-size=64'];

await exitWith(async () => {
  await ensureDependencies();
  await ensureBuilt(['simulate']);
  return runProgram('simulate/dist/main.js', process.argv.slice(2), MEMORY);
});
