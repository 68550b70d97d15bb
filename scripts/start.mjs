/** `npm start`: prepares, then brings up the demonstration network and its chat. */
import { ensureBuilt, ensureDependencies, exitWith } from './lib/prepare.mjs';

await exitWith(async () => {
  await ensureDependencies();
  await ensureBuilt(['packages/cli']);
  const { run } = await import('../packages/cli/dist/demo.js');
  return run(process.argv.slice(2));
});
