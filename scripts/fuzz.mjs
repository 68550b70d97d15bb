/** `npm run fuzz`: prepares, then runs fuzz/src/main.ts with the arguments given. */
import { ensureBuilt, ensureDependencies, exitWith } from './lib/prepare.mjs';
import { runProgram } from './lib/tools.mjs';

await exitWith(async () => {
  await ensureDependencies();
  await ensureBuilt(['fuzz']);
  return runProgram('fuzz/dist/main.js', process.argv.slice(2));
});
