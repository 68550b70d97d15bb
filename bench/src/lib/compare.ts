import type { Bench, Goal, Sample, Standing } from './bench.ts';
import { type Better, median, timesBetter } from './stats.ts';

/** All runs of one subject in one layout. */
export interface Runs {
  readonly name: string;
  readonly standing: Standing;
  readonly samples: readonly Sample[];
}

/** One further figure, compared like the value. Null where a subject does not have it. */
export interface Compared {
  readonly parley: number | null;
  readonly peer_value: number | null;
  readonly ratio: number | null;
  readonly limit_value: number | null;
  /** The share of the limit, as for the value. */
  readonly of_limit: number | null;
}

/** One line of results. Values are medians; null where nobody ran. */
export interface Comparison {
  readonly bench: string;
  readonly layout: string;
  readonly unit: string;
  readonly better: Better;
  readonly parley: number | null;
  /** The best of the peers. */
  readonly peer: string | null;
  readonly peer_value: number | null;
  /** How many times better than the best peer: above 1, Parley is better, whichever direction is better. */
  readonly ratio: number | null;
  readonly limit: string | null;
  readonly limit_value: number | null;
  /** The share of the limit that Parley reaches: 1 is the limit itself. */
  readonly of_limit: number | null;
  /** Null where none is set. */
  readonly goal: Goal | null;
  /** Whether the goal is reached; null where none is set, or nothing is there to tell. */
  readonly reached: boolean | null;
  readonly also: Readonly<Record<string, Compared>>;
  readonly runs: number;
  readonly node: string;
  readonly subjects: readonly SubjectSummary[];
}

export interface SubjectSummary {
  readonly name: string;
  readonly standing: Standing;
  readonly median: number | null;
  /** How many times better Parley is than this one; null for Parley itself. */
  readonly ratio: number | null;
  /** Of every run, in order. */
  readonly values: readonly number[];
  /** Medians of the further figures. */
  readonly also: Readonly<Record<string, number>>;
}

/** Four significant digits: more would be noise. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

function orNull(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : rounded(value);
}

function summarise(runs: Runs): Omit<SubjectSummary, 'ratio'> {
  const names = new Set(runs.samples.flatMap((sample) => Object.keys(sample.also)));
  const also: Record<string, number> = {};
  for (const name of names) {
    const values = runs.samples.map((sample) => sample.also[name]).filter((value) => value !== undefined);
    also[name] = rounded(median(values));
  }
  const values = runs.samples.map((sample) => sample.value);
  return { name: runs.name, standing: runs.standing, median: orNull(median(values)), values: values.map(rounded), also };
}

type Summary = ReturnType<typeof summarise>;

function best(subjects: readonly Summary[], standing: Standing, better: Better): Summary | undefined {
  const candidates = subjects.filter((subject) => subject.standing === standing && subject.median !== null);
  return candidates.toSorted((a, b) => {
    const difference = (a.median ?? 0) - (b.median ?? 0);
    return better === 'more' ? -difference : difference;
  })[0];
}

function ratio(ours: number | null | undefined, theirs: number | null | undefined, better: Better): number | null {
  return typeof ours !== 'number' || typeof theirs !== 'number' ? null : orNull(timesBetter(ours, theirs, better));
}

/** What there is to know of a bench in order to compare. */
export type Comparable = Pick<Bench, 'name' | 'unit' | 'better' | 'alsoCompared' | 'goals'>;

function isReached(goal: Goal | undefined, toPeer: number | null, ofLimit: number | null): boolean | null {
  if (!goal || (toPeer === null && (ofLimit === null || goal.of_limit === undefined))) return null;
  return (toPeer ?? 0) >= goal.ratio || (goal.of_limit !== undefined && (ofLimit ?? 0) >= goal.of_limit);
}

/** Compares Parley with the best of its peers and with the limit. */
export function compare(bench: Comparable, layout: string, everyRun: readonly Runs[], runs: number): Comparison {
  const summaries = everyRun.map(summarise);
  const parley = best(summaries, 'parley', bench.better);
  const peer = best(summaries, 'peer', bench.better);
  const limit = best(summaries, 'limit', bench.better);
  const also: Record<string, Compared> = {};
  for (const [name, better] of Object.entries(bench.alsoCompared ?? {})) {
    const [ours, theirs, most] = [parley?.also[name], peer?.also[name], limit?.also[name]];
    also[name] = {
      parley: orNull(ours),
      peer_value: orNull(theirs),
      ratio: ratio(ours, theirs, better),
      limit_value: orNull(most),
      of_limit: ratio(ours, most, better),
    };
  }
  const toPeer = ratio(parley?.median, peer?.median, bench.better);
  const ofLimit = ratio(parley?.median, limit?.median, bench.better);
  const goal = bench.goals?.[layout];
  return {
    bench: bench.name,
    layout,
    unit: bench.unit,
    better: bench.better,
    parley: parley?.median ?? null,
    peer: peer?.name ?? null,
    peer_value: peer?.median ?? null,
    ratio: toPeer,
    limit: limit?.name ?? null,
    limit_value: limit?.median ?? null,
    of_limit: ofLimit,
    goal: goal ?? null,
    reached: isReached(goal, toPeer, ofLimit),
    also,
    runs,
    node: process.version,
    subjects: summaries.map((each) => ({
      ...each,
      ratio: each.standing === 'parley' ? null : ratio(parley?.median, each.median, bench.better),
    })),
  };
}
