/** `npm start`: prepares, then brings up a server with the web app, or with `--terminal` a small network and its chat. */
import { ensureBuilt, ensureDependencies, ensureWebBuilt, exitWith } from './lib/prepare.mjs';

await exitWith(async () => {
  const args = process.argv.slice(2);
  await ensureDependencies();
  await ensureBuilt(['packages/cli']);
  if (!args.includes('--terminal') && !args.includes('--help')) await ensureWebBuilt();
  const { run } = await import('../packages/cli/dist/demo.js');
  return run(args);
});
