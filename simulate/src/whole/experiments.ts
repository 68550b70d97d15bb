import type { Cost } from './meter.ts';
import { type Found, WholeNetwork } from './network.ts';

export interface WholeReport {
  readonly mode: 'whole';
  readonly nodes: number;
  readonly seed: string;
  readonly lookups: number;
  readonly success: number;
  readonly meanHops: number;
  readonly meanQuestions: number;
  /** Packets and bytes over UDP, of questions and answers, for one lookup. */
  readonly meanPackets: number;
  readonly meanBytes: number;
  /** Contacts in a table, and records of others. */
  readonly contacts: number;
  readonly records: number;
  /** Packets that a server sends in a second while nothing is looked up. */
  readonly idlePackets: number;
  /** After 20 % left at once: found at once, and the minutes until at most 1 % of the entries of tables are of those who left. */
  readonly successAfterLoss: number;
  readonly questionsAfterLoss: number;
  readonly minutesToConverge: number | undefined;
  readonly trouble: readonly WholeRow[] | undefined;
  readonly wallMs: number;
  /** Of the processor, which others may have used meanwhile. */
  readonly cpuMs: number;
  readonly heapBytes: number;
}

/** A row of trouble: as in the compact simulation, met by whole servers. */
export interface WholeRow {
  readonly what: string;
  readonly lookups: number;
  readonly success: number;
  readonly meanHops: number;
  readonly meanQuestions: number;
  readonly p95Questions: number;
  readonly meanBytes: number;
}

const MINUTE = 60_000;
const MEDIAN_SESSION_MS = 30 * MINUTE;
/** Servers that have gone, whose records are looked for: nobody but those who keep them can answer. */
const LOST = 40;
/** Longer than liveness checks need to go through a table. */
const MAX_MINUTES = 90;
const CONVERGED = 0.01;
/** So many servers are watched until their tables are without those who left: it takes as long as all else together, and is the same at every size. */
const MAX_CONVERGING = 3000;

function mean(costs: readonly Cost[], value: (cost: Cost) => number): number {
  return costs.reduce((sum, cost) => sum + value(cost), 0) / Math.max(1, costs.length);
}

/** Whole servers of the registry: with stores and packets, under virtual time. */
export async function simulateWhole(
  nodes: number,
  seed: string,
  lookups: number,
  trouble: boolean,
  progress: (line: string) => void,
): Promise<WholeReport> {
  const began = performance.now();
  const network = new WholeNetwork(nodes, seed);
  const { world } = network;
  await network.grow(nodes, progress);
  const heapBytes = process.memoryUsage().rss;
  const { contacts, records } = network.state();
  const before = world.network.counters.datagrams;
  await world.advance(MINUTE);
  const idlePackets = (world.network.counters.datagrams - before) / nodes / 60;
  progress(`${contacts.toFixed(0)} contacts and ${records.toFixed(0)} records of others in the mean; lookups ...`);
  const well = await network.find(lookups);
  progress(`found ${(100 * well.success).toFixed(1)} %`);
  const hops = well.costs.filter((cost) => cost.hops > 0);
  network.leave(0.2);
  const loss = await network.find(lookups);
  let minutes = 0;
  const converges = nodes <= MAX_CONVERGING;
  for (let stale = network.stale(); converges && minutes < MAX_MINUTES && stale > CONVERGED; stale = network.stale()) {
    progress(`${minutes} minutes after a fifth has left: ${(100 * stale).toFixed(1)} % of entries lead nowhere`);
    await world.advance(MINUTE);
    minutes++;
  }
  const rows = trouble ? await inTrouble(nodes, seed, lookups, progress) : undefined;
  const { user, system } = process.cpuUsage();
  return {
    mode: 'whole',
    nodes,
    seed,
    lookups,
    success: well.success,
    meanHops: mean(hops, (cost) => cost.hops),
    meanQuestions: mean(well.costs, (cost) => cost.questions),
    meanPackets: mean(well.costs, (cost) => cost.packets),
    meanBytes: mean(well.costs, (cost) => cost.bytes),
    contacts,
    records,
    idlePackets,
    successAfterLoss: loss.success,
    questionsAfterLoss: mean(loss.costs, (cost) => cost.questions),
    minutesToConverge: converges ? minutes : undefined,
    trouble: rows,
    wallMs: performance.now() - began,
    cpuMs: (user + system) / 1000,
    heapBytes: Math.max(heapBytes, process.memoryUsage().rss),
  };
}

function row(what: string, { success, costs }: Found): WholeRow {
  const hops = costs.filter((cost) => cost.hops > 0);
  const questions = costs.map((cost) => cost.questions).sort((a, b) => a - b);
  return {
    what,
    lookups: costs.length,
    success,
    meanHops: mean(hops, (cost) => cost.hops),
    meanQuestions: mean(costs, (cost) => cost.questions),
    p95Questions: questions[Math.floor(0.95 * questions.length)] ?? 0,
    meanBytes: mean(costs, (cost) => cost.bytes),
  };
}

/** The same troubles as in the compact simulation, as events among whole servers. What is looked for are records of servers that have gone, but for the first row. */
async function inTrouble(nodes: number, seed: string, lookups: number, progress: (line: string) => void): Promise<WholeRow[]> {
  const rows: WholeRow[] = [];
  const add = (what: string, found: Found): void => {
    rows.push(row(what, found));
    progress(`${what}: ${JSON.stringify(rows.at(-1))}`);
  };
  const churned = new WholeNetwork(nodes, `${seed}/churn`);
  await churned.grow(nodes, progress);
  await churned.churn(MEDIAN_SESSION_MS, MEDIAN_SESSION_MS);
  add('churn, 30 minutes', await churned.find(lookups));
  // Each at another key: those of one are no trouble at the next.
  for (const count of [10, 20, 40])
    add(`${count} placed at the key, lie`, await churned.find(Math.ceil(lookups / 5), [await churned.eclipse(count)]));
  for (const networks of [4, 8, 12]) {
    const victim = await churned.eclipse(40, networks);
    add(`40 placed at the key in ${networks} networks, lie`, await churned.find(Math.ceil(lookups / 5), [victim]));
  }
  const network = new WholeNetwork(nodes, `${seed}/hostile`);
  await network.grow(nodes, progress);
  const lost = network.lose(Math.min(LOST, Math.floor(nodes / 20)));
  add('all is well', await network.find(lookups, lost));
  for (const share of [10, 20, 30, 40, 50]) {
    await network.turn(share / 100);
    for (const way of ['drop', 'lie'] as const) {
      network.liars.way = way;
      add(`${share} % hostile, ${way}`, await network.find(lookups, lost));
    }
  }
  return rows;
}
