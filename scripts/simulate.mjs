/** `npm run simulate`: prepares, then runs simulate/src/main.ts with the arguments given. */
import { ensureBuilt, ensureDependencies, exitWith } from './lib/prepare.mjs';
import { runProgram } from './lib/tools.mjs';

await exitWith(async () => {
  await ensureDependencies();
  await ensureBuilt(['simulate']);
  return runProgram('simulate/dist/main.js', process.argv.slice(2));
});
