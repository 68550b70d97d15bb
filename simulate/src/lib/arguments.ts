import { parseArgs } from 'node:util';

export const usage = `usage: npm run simulate -- registry --nodes N [--whole [--trouble]] [--lookups L] [--seed S] [--json]
       npm run simulate -- registry --document [--only compact-N | whole-N]`;

export interface Arguments {
  readonly nodes: number;
  /** Whole nodes in a simulated network, in place of their decisions over compact tables. */
  readonly whole: boolean;
  /** Whole nodes under churn and among hostile ones too. */
  readonly trouble: boolean;
  readonly lookups: number;
  readonly seed: string;
  readonly json: boolean;
  /** Runs all sizes and writes docs/scale.md. */
  readonly document: boolean;
  /** Runs this one alone, and takes the others from docs/scale.json. */
  readonly only: string | undefined;
}

function count(text: string, name: string): number {
  const number = Number(text.replaceAll('_', '').replaceAll(',', ''));
  if (!Number.isSafeInteger(number) || number < 1) throw new RangeError(`--${name} is a number above 0, not ${text}`);
  return number;
}

/** Throws for what is not understood. */
export function parseArguments(args: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      nodes: { type: 'string', default: '10000' },
      lookups: { type: 'string' },
      seed: { type: 'string', default: '1' },
      whole: { type: 'boolean', default: false },
      trouble: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      document: { type: 'boolean', default: false },
      only: { type: 'string' },
    },
  });
  if (positionals.length !== 1 || positionals[0] !== 'registry') throw new RangeError('what is simulated is: registry');
  const { whole, trouble, json, document, seed, only } = values;
  if (trouble && !whole) throw new RangeError('--trouble goes with --whole: over compact tables it is always looked at');
  const lookups = values.lookups === undefined ? (whole ? 500 : 2000) : count(values.lookups, 'lookups');
  return { nodes: count(values.nodes, 'nodes'), whole, trouble, lookups, seed, json, document, only };
}
