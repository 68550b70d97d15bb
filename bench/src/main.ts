import { benches } from './benches.ts';
import { type Arguments, parseArguments, usage } from './lib/arguments.ts';
import type { Bench, Sample } from './lib/bench.ts';
import { type Comparison, compare } from './lib/compare.ts';
import { table } from './lib/table.ts';

const running = new URL(import.meta.url);
/** Beside this file, with the same ending, so that sources and built files both find it. */
const childScript = new URL(running.pathname.endsWith('.ts') ? './child.ts' : './child.js', running);

function report(line: string): void {
  process.stderr.write(`${line}\n`);
}

function chosen({ names }: Arguments): readonly Bench[] {
  if (names.includes('all')) return benches;
  return names.map((name) => {
    const bench = benches.find((each) => each.name === name);
    if (bench === undefined) throw new RangeError(`no bench ${name}: ${benches.map((each) => each.name).join(', ')} or all`);
    return bench;
  });
}

/** Runs the subjects in turn, round by round, so that a machine whose speed changes is unfair to none. */
async function runLayout(bench: Bench, layout: string, options: Arguments): Promise<Comparison> {
  const subjects = bench.subjects.filter(
    ({ name }) => options.subjects.length === 0 || options.subjects.some((text) => name.includes(text)),
  );
  const everyRun = subjects.map(({ name, standing }) => ({ name, standing, samples: [] as Sample[] }));
  for (let round = 1; round <= options.runs; round++) {
    for (const { name, samples } of everyRun) {
      try {
        const sample = await bench.run(name, layout, childScript, options);
        samples.push(sample);
        report(`${bench.name}, ${layout}, run ${round} of ${options.runs}: ${name}: ${sample.value.toPrecision(4)} ${bench.unit}`);
      } catch (error) {
        process.exitCode = 1;
        report(
          `${bench.name}, ${layout}, run ${round} of ${options.runs}: ${name} failed: ${error instanceof Error ? error.message : error}`,
        );
      }
    }
  }
  return compare(bench, layout, everyRun, options.runs);
}

async function main(): Promise<void> {
  const options = parseArguments(process.argv.slice(2));
  for (const bench of chosen(options)) {
    for (const layout of bench.layouts) {
      const comparison = await runLayout(bench, layout, options);
      process.stdout.write(options.json ? `${JSON.stringify(comparison)}\n` : `\n${table(comparison)}`);
    }
  }
}

try {
  await main();
} catch (error) {
  report(error instanceof Error ? error.message : String(error));
  report(usage);
  process.exitCode = 2;
}
