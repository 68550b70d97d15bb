/** `npm run soak`: the tests that take too long, or too much of a machine, to be among those of `npm test`. */
import { ensureBuilt, ensureDependencies, exitWith } from './lib/prepare.mjs';
import { runVitest } from './lib/vitest.mjs';

await exitWith(async () => {
  await ensureDependencies();
  await ensureBuilt();
  process.env.PARLEY_SOAK = '1';
  const files = [
    'tests/e2e/registry-network.test.ts',
    'tests/e2e/line.test.ts',
    'tests/e2e/cli-files.test.ts',
    'tests/scenarios/storm.test.ts',
    'tests/scenarios/gone.test.ts',
    'tests/scenarios/line.test.ts',
    'tests/scenarios/contact-storm.test.ts',
    'tests/scenarios/greedy.test.ts',
  ];
  const { passed, failed } = await runVitest(['e2e', 'scenarios'], files);
  for (const failure of failed) process.stdout.write(`failed: ${failure}\n`);
  process.stdout.write(`${passed} passed, ${failed.length} failed\n`);
  return failed.length === 0 && passed > 0 ? 0 : 1;
});
