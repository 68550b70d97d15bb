import { Lookup, registryDefaults } from '@parley/core';
import { SeededRandom } from '@parley/sim';
import { answerBytes, questionBytes } from './bytes.ts';
import { Ids, type Target } from './ids.ts';
import { SampledTables, withinLimit } from './tables.ts';

/** What is wrong with the network. Shares are of all servers. */
export interface Trouble {
  /** In the tables of others and gone. */
  readonly dead: number;
  /** Of those who were given a record, so many still have it. */
  readonly kept: number;
  readonly hostile: number;
  /** `drop`: they do not answer. `lie`: they answer with each other, those nearest to the target first, and never with a record. */
  readonly way: 'drop' | 'lie';
  /** Nodes of the adversary placed nearest to the key that is looked for, and the networks (/24) in which they are; everybody else has one alone. */
  readonly eclipse: number;
  readonly networks: number;
}

export const NO_TROUBLE: Trouble = { dead: 0, kept: 1, hostile: 0, way: 'drop', eclipse: 0, networks: Number.POSITIVE_INFINITY };

export interface Outcome {
  readonly found: boolean;
  readonly hops: number;
  readonly questions: number;
  readonly bytes: number;
}

const HONEST = 0;
const DEAD = 1;
const HOSTILE = 2;

/** So many times k contacts are asked from a table in all, where the first k lead nowhere: as in whole nodes. */
const SEEDS = 3;

/** A network of servers of which only the ids and what they are is kept; what they decide is decided by the registry's own functions. */
export class CompactNetwork {
  readonly ids: Ids;
  readonly tables: SampledTables;
  readonly #links: SampledTables;
  readonly #kind: Uint8Array;
  readonly #random: SeededRandom;
  readonly #trouble: Trouble;
  readonly #hostile: number[] = [];
  /** Of those that have to share one. */
  readonly #networks = new Map<number, number>();

  constructor(count: number, seed: string, trouble: Trouble, eclipsed?: Target) {
    const random = new SeededRandom(seed);
    this.#random = random.fork('choices');
    this.#trouble = trouble;
    const placed = eclipsed ? nearTo(eclipsed, trouble.eclipse, random.fork('placed')) : [];
    // Those who are gone are in the tables beside those who are there.
    this.ids = new Ids(Math.round(count / (1 - trouble.dead)), random.fork('ids'), placed);
    if (eclipsed)
      for (const [i, node] of this.ids.nearest(eclipsed, trouble.eclipse).entries()) this.#networks.set(node, i % trouble.networks);
    const networkOf = (node: number): number | undefined => this.#networks.get(node);
    this.tables = new SampledTables(this.ids, { k: registryDefaults.k, perNetwork: registryDefaults.perNetwork, networkOf }, random.word());
    // One link for each bucket: the neighbours by which messages go greedily.
    this.#links = new SampledTables(this.ids, { k: 1, perNetwork: 1, networkOf }, random.word());
    this.#kind = new Uint8Array(this.ids.count);
    const draw = random.fork('kinds');
    for (let node = 0; node < this.ids.count; node++) {
      if (draw.chance(trouble.dead)) this.#kind[node] = DEAD;
      else if (draw.chance(trouble.hostile)) this.#kind[node] = HOSTILE;
    }
    if (eclipsed) for (const node of this.ids.nearest(eclipsed, trouble.eclipse)) this.#kind[node] = HOSTILE;
    for (let node = 0; node < this.ids.count; node++) if (this.#kind[node] === HOSTILE) this.#hostile.push(node);
  }

  /** Bytes that are kept. */
  get bytes(): number {
    return this.ids.bytes + this.#kind.byteLength;
  }

  target(): Target {
    return { high: this.#random.word(), low: this.#random.word() };
  }

  /** One node that is there and honest looks for the record under a target: the first that it finds, or the newest (`newest`). */
  lookup(target: Target, newest = false): Outcome {
    const { k, alpha, paths, morePaths, maxQuestions, besideRecord, lookupPerNetwork } = registryDefaults;
    const confirm = newest ? registryDefaults.confirm : 0;
    const { ids, tables } = this;
    const compare = (a: number, b: number): number => ids.compare(target, a, b);
    const holders = new Set(
      this.#holdersOf(target).filter((node) => this.#kind[node] === HONEST && this.#random.chance(this.#trouble.kept)),
    );
    const self = this.#honest();
    const rules = { goal: 'value', k, alpha, paths, morePaths, maxQuestions, confirm, perNetwork: lookupPerNetwork } as const;
    const lookup = new Lookup<number, { readonly seq: number }>(
      { ...rules, compare, keyOf: (node) => node, placeOf: () => 0, networkOf: (node) => this.#networks.get(node) },
      tables.closest(self, target, k),
      () => tables.closest(self, target, SEEDS * k).slice(k),
    );
    const depth = new Map<number, number>();
    let [hops, bytes] = [0, 0];
    const flying: number[] = [];
    for (;;) {
      flying.push(...lookup.next());
      // Answers come in any order.
      const node = flying.splice(this.#random.integer(flying.length), 1)[0];
      if (node === undefined) break;
      const at = depth.get(node) ?? 1;
      const kind = this.#kind[node];
      const met = at === 1;
      bytes += questionBytes(met);
      if (kind === DEAD || (kind === HOSTILE && this.#trouble.way === 'drop')) {
        lookup.failed(node);
        continue;
      }
      const value = kind === HONEST && holders.has(node) ? { seq: 1 } : undefined;
      const wanted = !value ? k : newest ? besideRecord : 0;
      const leads = kind === HOSTILE ? this.#friends(target, k) : wanted === 0 ? [] : tables.closest(node, target, wanted);
      for (const lead of leads) if (!depth.has(lead)) depth.set(lead, at + 1);
      if (value && hops === 0) hops = at;
      bytes += answerBytes(met, leads.length, value !== undefined);
      lookup.answered(
        node,
        leads.filter((lead) => lead !== self),
        value,
      );
    }
    return { found: lookup.best !== undefined, hops, questions: lookup.questions, bytes };
  }

  /** Hops of a message that goes greedily to the server nearest to a target, by one link for each bucket. */
  greedy(target: Target): number {
    let at = this.#honest();
    for (let hops = 0; ; hops++) {
      const [next] = this.#links.closest(at, target, 1);
      if (next === undefined || this.ids.compare(target, next, at) >= 0) return hops;
      at = next;
    }
  }

  /** A few tables: how many contacts they have, in the mean. */
  meanTable(samples: number): number {
    let sum = 0;
    for (let i = 0; i < samples; i++) sum += this.tables.size(this.#random.integer(this.ids.count));
    return sum / samples;
  }

  /** Sizes of the buckets of one table, the shallowest first. */
  table(node: number): number[] {
    return Array.from({ length: this.tables.depth(node) }, (_, bits) => this.tables.bucket(node, bits).length);
  }

  /** Those who were there when the record was given: the k nearest that its owner's lookup asks, whatever became of them. */
  #holdersOf(target: Target): number[] {
    const { k, lookupPerNetwork } = registryDefaults;
    if (this.#networks.size === 0) return this.ids.nearest(target, k);
    const counts = new Map<number, number>();
    const nearest = this.ids.nearest(target, k + this.#networks.size);
    return nearest.filter((node) => withinLimit(counts, this.#networks.get(node), lookupPerNetwork)).slice(0, k);
  }

  #honest(): number {
    for (;;) {
      const node = this.#random.integer(this.ids.count);
      if (this.#kind[node] === HONEST) return node;
    }
  }

  /** The hostile nodes nearest to a target: what a liar answers with, who knows all of its own. */
  #friends(target: Target, count: number): number[] {
    let [from, to] = [0, this.#hostile.length];
    const first = this.ids.nearest(target, 1)[0] ?? 0;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#hostile[middle] as number) < first) from = middle + 1;
      else to = middle;
    }
    const around = this.#hostile.slice(Math.max(0, from - 2 * count), from + 2 * count);
    return around.sort((a, b) => this.ids.compare(target, a, b)).slice(0, count);
  }
}

/** Ids that share the first 48 bits with a target: what an adversary gets who makes keys until some fall there. */
function nearTo({ high, low }: Target, count: number, random: SeededRandom): Target[] {
  return Array.from({ length: count }, () => ({ high, low: ((low & 0xffff_0000) | (random.word() & 0xffff)) >>> 0 }));
}
