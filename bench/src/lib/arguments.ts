import { parseArgs } from 'node:util';

export interface Arguments {
  /** Names of benches, or `all`. */
  readonly names: readonly string[];
  readonly json: boolean;
  /** Runs of each subject; the median counts. */
  readonly runs: number;
  /** Only subjects whose name contains one of these; all when empty. */
  readonly subjects: readonly string[];
  /** Less work in each run, where a bench can do with less. */
  readonly quick: boolean;
}

export const usage = 'usage: npm run bench -- NAME... [--json] [--runs 5] [--quick] [--subject TEXT]...';

/** Throws a TypeError or RangeError that says what is wrong. */
export function parseArguments(argv: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      runs: { type: 'string', default: '5' },
      quick: { type: 'boolean', default: false },
      subject: { type: 'string', multiple: true, default: [] },
    },
  });
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1 || runs > 100) throw new RangeError(`--runs takes a number from 1 to 100, not ${values.runs}`);
  if (positionals.length === 0) throw new RangeError('which bench?');
  return { names: positionals, json: values.json, runs, subjects: values.subject, quick: values.quick };
}
