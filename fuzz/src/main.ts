import { parseArgs } from 'node:util';
import { targets } from './targets.ts';
import { Watchdog } from './watchdog.ts';

/** `npm run fuzz -- [--runs N] [--target NAME]... [--seed S]`: N inputs in all, spread over the targets. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '1000000' },
      target: { type: 'string', multiple: true, default: [] },
      seed: { type: 'string', default: String(Date.now()) },
    },
  });
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new RangeError(`--runs takes a whole number above 0, not ${values.runs}`);
  const chosen = values.target.length === 0 ? targets : targets.filter(({ name }) => values.target.includes(name));
  if (chosen.length === 0) throw new RangeError(`no such target; there are ${targets.map(({ name }) => name).join(', ')}`);
  const each = Math.ceil(runs / chosen.length);
  process.stdout.write(`seed ${values.seed}, ${each} inputs for each of ${chosen.length} targets\n`);
  const begun = performance.now();
  const watchdog = new Watchdog();
  for (const target of chosen) {
    const started = performance.now();
    await target.run(values.seed, each, watchdog.watch(target.name, values.seed));
    process.stdout.write(`${target.name}: clean, ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
  }
  await watchdog.stop();
  process.stdout.write(`${each * chosen.length} inputs, all clean, ${((performance.now() - begun) / 1000).toFixed(0)} s\n`);
}

process.on('unhandledRejection', (reason) => {
  process.stderr.write(`a rejection that nobody handles: ${reason instanceof Error ? reason.stack : String(reason)}\n`);
  process.exit(1);
});

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof RangeError ? 2 : 1;
}
