import { registryDefaults } from '@parley/core';
import { SeededRandom } from '@parley/sim';
import { minutesToConverge } from './convergence.ts';
import type { Target } from './ids.ts';
import { CompactNetwork, NO_TROUBLE, type Trouble } from './network.ts';

export interface Row {
  readonly what: string;
  readonly lookups: number;
  /** Share of lookups that find the record. */
  readonly success: number;
  /** With the attachment servers of a record that was known before: one of four that lives and is honest is enough. */
  readonly withAttachments: number;
  readonly meanHops: number;
  readonly meanQuestions: number;
  readonly p95Questions: number;
  /** Over UDP, of questions and answers. */
  readonly meanBytes: number;
}

export interface CompactReport {
  readonly mode: 'compact';
  readonly nodes: number;
  readonly seed: string;
  readonly rows: readonly Row[];
  /** Of a message without a route, by one link for each bucket. */
  readonly greedyHops: number;
  /** Contacts in a table. */
  readonly contacts: number;
  /** After 20 % left at once, until at most 1 % of the entries of tables are of those who left. */
  readonly minutesToConverge: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly heapBytes: number;
}

const ATTACHMENTS = 4;
const MEDIAN_SESSION_MS = 30 * 60_000;

/** Mean share of what is still there after a time between 0 and `ms`, when half is gone after a median session. */
function meanSurvival(ms: number): number {
  const decay = (Math.LN2 * ms) / MEDIAN_SESSION_MS;
  return (1 - Math.exp(-decay)) / decay;
}

/**
 * A network in which half of the servers of any moment are gone after 30 minutes, in its steady state: an entry of a table was heard of at some
 * time within `contactSilentMs`, a record was given within `republishMs`.
 */
function churn(): Partial<Trouble> {
  const { contactSilentMs, republishMs } = registryDefaults;
  const alive = meanSurvival(contactSilentMs);
  // Of those who stand among the nearest and live, some came after the record was given.
  return { dead: 1 - alive, kept: meanSurvival(republishMs) / alive };
}

interface Wanted {
  readonly eclipsed?: Target;
  /** The newest record, not the first one that is found. */
  readonly newest?: boolean;
}

function run(
  what: string,
  nodes: number,
  seed: string,
  lookups: number,
  trouble: Partial<Trouble>,
  { eclipsed, newest }: Wanted = {},
): Row {
  const all = { ...NO_TROUBLE, ...trouble };
  const network = new CompactNetwork(nodes, `${seed}/${nodes}/${what}`, all, eclipsed);
  const random = new SeededRandom(`${seed}/${nodes}/${what}/attachments`);
  const questions: number[] = [];
  let [found, attached, hops, bytes] = [0, 0, 0, 0];
  for (let i = 0; i < lookups; i++) {
    const outcome = network.lookup(eclipsed ?? network.target(), newest);
    questions.push(outcome.questions);
    bytes += outcome.bytes;
    if (outcome.found) {
      found++;
      hops += outcome.hops;
    }
    const standing = (): boolean => !random.chance(all.dead) && !random.chance(all.hostile);
    if (outcome.found || Array.from({ length: ATTACHMENTS }, standing).includes(true)) attached++;
  }
  questions.sort((a, b) => a - b);
  return {
    what,
    lookups,
    success: found / lookups,
    withAttachments: attached / lookups,
    meanHops: found === 0 ? 0 : hops / found,
    meanQuestions: questions.reduce((sum, number) => sum + number, 0) / lookups,
    p95Questions: questions[Math.floor(0.95 * lookups)] ?? 0,
    meanBytes: bytes / lookups,
  };
}

export function simulateCompact(nodes: number, seed: string, lookups: number): CompactReport {
  const began = performance.now();
  const healthy = new CompactNetwork(nodes, `${seed}/${nodes}/greedy`, NO_TROUBLE);
  let greedy = 0;
  for (let i = 0; i < lookups; i++) greedy += healthy.greedy(healthy.target());
  const rows = [
    run('all is well', nodes, seed, lookups, {}),
    run('all is well, the newest record', nodes, seed, lookups, {}, { newest: true }),
    run('20 % have left at once', nodes, seed, lookups, { dead: 0.2, kept: 1 }),
    run('churn, 30 minutes', nodes, seed, lookups, churn()),
  ];
  for (const way of ['drop', 'lie'] as const) {
    for (const percent of [10, 20, 30, 40, 50]) {
      rows.push(run(`${percent} % hostile, ${way}`, nodes, seed, lookups, { hostile: percent / 100, way }));
    }
  }
  const key = new SeededRandom(`${seed}/eclipsed`);
  for (const eclipse of [10, 20, 40]) {
    const target = { high: key.word(), low: key.word() };
    rows.push(run(`${eclipse} placed at the key, lie`, nodes, seed, lookups, { eclipse, way: 'lie' }, { eclipsed: target }));
  }
  for (const networks of [2, 4, 8]) {
    const target = { high: key.word(), low: key.word() };
    const what = `40 placed at the key in ${networks} networks, lie`;
    rows.push(run(what, nodes, seed, lookups, { eclipse: 40, networks, way: 'lie' }, { eclipsed: target }));
  }
  const table = healthy.table(0);
  const { user, system } = process.cpuUsage();
  return {
    mode: 'compact',
    nodes,
    seed,
    rows,
    greedyHops: greedy / lookups,
    contacts: healthy.meanTable(200),
    minutesToConverge: minutesToConverge(table, seed),
    wallMs: performance.now() - began,
    cpuMs: (user + system) / 1000,
    heapBytes: process.memoryUsage().rss,
  };
}
