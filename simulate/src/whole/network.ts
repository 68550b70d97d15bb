import { ContactBook, type Crypto, KeyBook } from '@parley/core';
import { createCrypto } from '@parley/host';
import { World } from '@parley/sim';
import { worldCrypto } from './crypto.ts';
import { type Cost, LookupMeter } from './meter.ts';
import { type Server, type Shared, startServer } from './server.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** Servers that come in a second. */
const WAVE = 50;
/** Lookups under way at a time, each of a server of its own. */
const AT_ONCE = 50;
/** So many tables are looked at where all are too many. */
const SAMPLE = 500;

export interface Found {
  /** Share of lookups that found the record. */
  readonly success: number;
  readonly costs: readonly Cost[];
}

/** Whole servers under virtual time. */
export class WholeNetwork {
  readonly world: World;
  readonly servers: Server[] = [];
  readonly #shared: Shared;
  readonly #byId = new Map<string, Server>();

  constructor(nodes: number, seed: string, crypto: Crypto = worldCrypto(createCrypto())) {
    this.world = new World({ seed: `whole ${seed}`, crypto: createCrypto(), conditions: { latencyMs: 20, jitterMs: 20 } });
    const capacity = 4 * nodes + 1000;
    this.#shared = {
      world: this.world,
      crypto,
      keys: new KeyBook(crypto, capacity),
      book: new ContactBook(crypto, this.world.clock, capacity),
    };
  }

  get present(): Server[] {
    return this.servers.filter(({ gone }) => !gone);
  }

  /** Servers come one after the other, each by one that came earlier, and take their places. */
  async grow(count: number, progress: (line: string) => void): Promise<void> {
    const { world } = this;
    for (let number = 1; number <= count; number++) {
      const entry = this.servers.length === 0 ? undefined : world.random.pick(this.servers);
      const server = await startServer(this.#shared, number, entry);
      this.servers.push(server);
      this.#byId.set(server.identity.nodeId, server);
      if (number % WAVE === 0) await world.advance(SECOND);
      if (number % 1000 === 0) progress(`${number} servers are there, ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB`);
    }
    await world.advance(MINUTE);
  }

  /** Lookups of servers by servers, all of whom are there. */
  async find(count: number): Promise<Found> {
    const { world } = this;
    const meter = new LookupMeter(world);
    const costs: Cost[] = [];
    let found = 0;
    const present = this.present;
    while (costs.length < count) {
      const askers = world.random.shuffle(present).slice(0, Math.min(AT_ONCE, count - costs.length, present.length));
      const lookups = askers.map(async (asker) => {
        const { nodeId } = this.#other(asker, present).identity;
        meter.begin(asker.host, nodeId);
        const record = await asker.registry.find(nodeId, { fresh: true });
        costs.push(meter.end(asker.host));
        if (record?.nodeId === nodeId) found++;
      });
      await world.until(Promise.all(lookups), { limitMs: 5 * MINUTE });
    }
    meter.close();
    return { success: found / count, costs };
  }

  #other(asker: Server, present: readonly Server[]): Server {
    for (;;) {
      const other = this.world.random.pick(present);
      if (other !== asker) return other;
    }
  }

  /** So many are gone without a word. */
  leave(share: number): void {
    for (const server of this.present) {
      if (!this.world.random.chance(share)) continue;
      server.gone = true;
      this.world.crash(server.host, { silent: true });
    }
  }

  /** Share of the entries of tables that are of those who left. */
  stale(): number {
    let [entries, stale] = [0, 0];
    for (const { registry } of this.#sample()) {
      for (const { nodeId } of registry.contacts()) {
        entries++;
        if (this.#byId.get(nodeId)?.gone) stale++;
      }
    }
    return stale / Math.max(1, entries);
  }

  /** What a server keeps, in the mean. */
  state(): { readonly contacts: number; readonly records: number } {
    const sample = this.#sample();
    let [contacts, records] = [0, 0];
    for (const { registry, metrics } of sample) {
      contacts += registry.contacts().length;
      records += metrics.snapshot().gauges.get('registry_records')?.get('') ?? 0;
    }
    return { contacts: contacts / sample.length, records: records / sample.length };
  }

  #sample(): Server[] {
    const present = this.present;
    const step = Math.max(1, Math.floor(present.length / SAMPLE));
    return present.filter((_, i) => i % step === 0);
  }
}
