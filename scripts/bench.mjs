/** `npm run bench`: prepares, then runs bench/src/main.ts with the arguments given. */
import { ensureBuilt, ensureDependencies, exitWith } from './lib/prepare.mjs';
import { runProgram } from './lib/tools.mjs';

await exitWith(async () => {
  await ensureDependencies();
  await ensureBuilt(['bench']);
  return runProgram('bench/dist/main.js', process.argv.slice(2));
});
