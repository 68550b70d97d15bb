import { ContactBook, commonPrefix, idOf, KeyBook, nodeIdOf } from '@parley/core';
import { createCrypto } from '@parley/host';
import { World } from '@parley/sim';
import { type WorldCrypto, worldCrypto } from './crypto.ts';
import { Liars } from './liars.ts';
import { type Cost, LookupMeter } from './meter.ts';
import { type Particular, type Server, type Shared, startServer } from './server.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** Servers that come in a second. */
const WAVE = 50;
/** Lookups under way at a time, each of a server of its own. */
const AT_ONCE = 50;
/** So many tables are looked at where all are too many. */
const SAMPLE = 500;
const KEY_BYTES = 32;

export interface Found {
  /** Share of lookups that found the record. */
  readonly success: number;
  readonly costs: readonly Cost[];
}

/** Whole servers under virtual time. */
export class WholeNetwork {
  readonly world: World;
  readonly servers: Server[] = [];
  readonly liars: Liars;
  readonly #shared: Shared;
  readonly #byId = new Map<string, Server>();

  constructor(nodes: number, seed: string, crypto: WorldCrypto = worldCrypto(createCrypto())) {
    this.world = new World({ seed: `whole ${seed}`, crypto: createCrypto(), conditions: { latencyMs: 20, jitterMs: 20 } });
    const capacity = 4 * nodes + 1000;
    this.#shared = {
      world: this.world,
      crypto,
      keys: new KeyBook(crypto, capacity),
      book: new ContactBook(crypto, this.world.clock, capacity),
    };
    this.liars = new Liars(this.world, crypto);
  }

  /** Those who are there and honest. */
  get present(): Server[] {
    return this.servers.filter(({ gone, hostile }) => !gone && !hostile);
  }

  /** Servers come one after the other, each by one that came earlier, and take their places. */
  async grow(count: number, progress: (line: string) => void): Promise<void> {
    const { world } = this;
    for (let number = 1; number <= count; number++) {
      await this.#come();
      if (number % WAVE === 0) await world.advance(SECOND);
      if (number % 500 === 0) progress(`${number} servers are there, ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB`);
    }
    await world.advance(MINUTE);
  }

  async #come(particular?: Particular): Promise<Server> {
    const present = this.present;
    const entry = present.length === 0 ? undefined : this.world.random.pick(present);
    const server = await startServer(this.#shared, this.servers.length + 1, entry, particular);
    this.servers.push(server);
    this.#byId.set(server.identity.nodeId, server);
    return server;
  }

  /** For so long servers come, and as many go without a word, so that half of those of any moment are gone after a median session. */
  async churn(forMs: number, medianMs: number): Promise<void> {
    const { world } = this;
    const everyMs = medianMs / Math.LN2 / this.present.length;
    for (let passed = 0; passed < forMs; passed += everyMs) {
      this.#go(world.random.pick(this.present));
      await this.#come();
      await world.advance(everyMs);
    }
  }

  /** So many honest servers go without a word; returns them. What others keep of them is what can be found of them. */
  lose(count: number): Server[] {
    const lost = this.world.random.shuffle(this.present).slice(0, count);
    for (const server of lost) this.#go(server);
    return lost;
  }

  /** So many of all that are there are hostile from now on, those who are already among them. */
  async turn(share: number): Promise<void> {
    const honest = this.world.random.shuffle(this.present);
    const hostile = this.servers.filter((server) => server.hostile && !server.gone).length;
    const wanted = Math.round(share * (honest.length + hostile)) - hostile;
    for (const server of honest.slice(0, Math.max(0, wanted))) await this.liars.turn(server);
  }

  /**
   * Hostile servers that made themselves keys nearer to one id than anybody else has take their places, in so many networks (/24), and turn; then the
   * server with that id comes, tells its record and goes. Returns it.
   */
  async eclipse(count: number, networks = count): Promise<Server> {
    const { world } = this;
    const { crypto } = this.#shared;
    const key = crypto.keyOf(world.random.bytes(KEY_BYTES));
    const target = idOf(nodeIdOf(crypto, key.publicKey)) as Uint8Array;
    const inCommon = (nodeId: string): number => commonPrefix(target, idOf(nodeId) as Uint8Array);
    const nearest = Math.max(...this.present.map(({ identity }) => inCommon(identity.nodeId)));
    const first = this.servers.length + 1;
    const placed: Server[] = [];
    while (placed.length < count) {
      const made = world.random.bytes(KEY_BYTES);
      if (inCommon(nodeIdOf(crypto, made)) <= nearest) continue;
      const beside = { number: first + (placed.length % networks), place: Math.floor(placed.length / networks) };
      placed.push(await this.#come({ key: crypto.keyOf(made), beside }));
    }
    await world.advance(MINUTE);
    for (const server of placed) await this.liars.turn(server);
    const victim = await this.#come({ key });
    await world.advance(MINUTE);
    this.#go(victim);
    return victim;
  }

  #go(server: Server): void {
    server.gone = true;
    this.world.crash(server.host, { silent: true });
  }

  /** Lookups by servers that are there: of others that are, or of some of `targets`. */
  async find(count: number, targets?: readonly Server[]): Promise<Found> {
    const { world } = this;
    const meter = new LookupMeter(world);
    const costs: Cost[] = [];
    let found = 0;
    const present = this.present;
    while (costs.length < count) {
      const askers = world.random.shuffle(present).slice(0, Math.min(AT_ONCE, count - costs.length, present.length));
      const lookups = askers.map(async (asker) => {
        const { nodeId } = (targets ? world.random.pick(targets) : this.#other(asker, present)).identity;
        meter.begin(asker.host, nodeId);
        const record = await asker.registry.find(nodeId, { fresh: true, first: true });
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
      this.#go(server);
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
