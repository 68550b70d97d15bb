import { backoffMs, dialable, endpointsOf, type Link, type Links, networkOf } from '../../link/index.ts';
import type { Ports, StoreWrite, TableSpec, Timer } from '../../ports/index.ts';
import { ParleyError } from '../../util/errors.ts';
import type { Metrics } from '../../util/metrics.ts';
import { Scope } from '../../util/scope.ts';
import type { RejoinConfig } from './config.ts';
import { type Acquaintance, ContactMemory, keyOf } from './memory.ts';

const TABLE = 'acquaintances';

export const rejoinTables: readonly TableSpec[] = [{ name: TABLE, small: true, backup: {} }];

export interface RejoinDeps {
  readonly ports: Ports;
  readonly links: Links;
  readonly metrics: Metrics;
  /** Whether a link to this address is kept in any case. */
  readonly kept: (transport: string, address: string) => boolean;
}

/** Longer than any address that is dialled. */
const MAX_ADDRESS = 256;
/** What neighbours say of themselves is written together. */
const SAVE_SOON_MS = 500;
/** Between two looks at whether links are wanting. */
const LOOK_MS = 5000;

/**
 * Remembers where nodes are that this one was in contact with, and goes back to them (S3): a node that starts again finds the network by
 * its own memory, with no entry point at all. While links are wanting it dials whom it remembers, the most promising first.
 */
export class Rejoin {
  readonly #deps: RejoinDeps;
  readonly #config: RejoinConfig;
  readonly #scope: Scope;
  readonly #memory: ContactMemory;
  readonly #dialling = new Set<string>();
  /** By key of the address; of the monotonic clock. */
  readonly #notBefore = new Map<string, number>();
  /** Neighbours that answered where another node was expected: they are welcome, and not what was looked for. */
  readonly #unexpected = new Set<string>();
  #saving: Timer | undefined;

  constructor(deps: RejoinDeps, config: RejoinConfig) {
    this.#deps = deps;
    this.#config = config;
    this.#scope = new Scope(deps.ports.clock);
    this.#memory = new ContactMemory(config, ({ address }) => networkOf(address));
    deps.metrics.gauge('acquaintances', () => this.#memory.size);
  }

  /** Reads what is remembered, and begins. */
  async start(): Promise<void> {
    const { ports, links, metrics } = this.#deps;
    const now = ports.clock.now();
    for (const { key, value } of await ports.store.range(TABLE, { limit: 2 * this.#config.capacity })) {
      if (!this.#memory.restore(key, String(value), now)) metrics.count('rejoin', 'forgotten');
    }
    if (this.#scope.closed) return;
    this.#scope.add(links.events.on('up', (link) => this.#up(link)));
    this.#scope.add(links.events.on('down', ({ link, replaced }) => this.#down(link, replaced)));
    for (const link of links.all()) this.#up(link);
    this.#scope.every(
      () => this.#config.saveMs,
      () => this.#save(),
    );
    this.#scope.every(
      () => LOOK_MS * (0.5 + ports.random.number()),
      () => this.#look(),
    );
    this.#look();
  }

  /** Addresses that are remembered, the most promising first. */
  addresses(): { readonly transport: string; readonly address: string; readonly nodeId: string }[] {
    return this.#memory.ranked(() => 0).map(({ transport, address, nodeId }) => ({ transport, address, nodeId }));
  }

  /** An address that its owner wants no more. */
  forget(transport: string, address: string): void {
    this.#memory.forget(transport, address);
    this.#save();
  }

  async close(): Promise<void> {
    await this.#scope.close();
    await this.#write();
  }

  #up(link: Link): void {
    const now = this.#deps.ports.clock.now();
    const { peer, connection, dialledTo } = link;
    if (dialledTo !== undefined && dialledTo.length <= MAX_ADDRESS) this.#answered(connection.transport, dialledTo, peer.nodeId);
    for (const endpoint of endpointsOf(link)) {
      const target = dialable(endpoint);
      // A tab's address, or a client's behind a NAT, is of no use to anybody: those who pass nothing on are not remembered.
      if (target && peer.relays) this.#memory.heard(target.transport, target.address, peer.nodeId, now);
    }
    this.#saving ??= this.#scope.after(SAVE_SOON_MS, () => this.#save());
  }

  #answered(transport: string, address: string, nodeId: string): void {
    const expected = this.#memory.answered(transport, address, nodeId, this.#deps.ports.clock.now());
    this.#notBefore.delete(keyOf({ transport, address }));
    if (expected) this.#unexpected.delete(nodeId);
    else {
      this.#unexpected.add(nodeId);
      this.#deps.metrics.count('rejoin', 'another node');
    }
    // At once: whoever was told an entry point once should not have to be told again.
    this.#save();
  }

  #down({ peer }: Link, replaced: boolean): void {
    if (replaced) return;
    this.#unexpected.delete(peer.nodeId);
    this.#look();
  }

  /** Dials whom it remembers while links are wanting. */
  #look(): void {
    if (this.#scope.closed) return;
    const { links, ports, kept } = this.#deps;
    const standing = links.all().filter(({ peer }) => peer.relays && !this.#unexpected.has(peer.nodeId)).length;
    if (standing >= this.#config.wantedLinks) return;
    const now = links.now();
    for (const acquaintance of this.#memory.ranked(() => ports.random.number())) {
      if (this.#dialling.size >= this.#config.parallel) return;
      const key = keyOf(acquaintance);
      if (
        this.#dialling.has(key) ||
        kept(acquaintance.transport, acquaintance.address) ||
        links.get(acquaintance.nodeId) ||
        (this.#notBefore.get(key) ?? 0) > now
      )
        continue;
      this.#dialling.add(key);
      const dial = this.#dial(acquaintance, key).finally(() => {
        this.#dialling.delete(key);
        this.#look();
      });
      this.#scope.run(dial, (error) => ports.log.error('an acquaintance could not be dialled', { error: String(error) }));
    }
  }

  async #dial({ transport, address }: Acquaintance, key: string): Promise<void> {
    const { links, ports, metrics } = this.#deps;
    try {
      // What is to be remembered of it, the event has told by then.
      await links.dial(transport, address, this.#scope.signal);
      metrics.count('rejoin', 'linked');
    } catch (thrown) {
      if (this.#scope.closed) return;
      const error = ParleyError.from(thrown);
      if (error.code === 'already-open') {
        this.#answered(transport, address, error.data.nodeId as string);
        return;
      }
      this.#memory.failed(transport, address, ports.clock.now());
      const failures = this.#memory.all().find((entry) => keyOf(entry) === key)?.failures;
      if (failures === undefined) this.#notBefore.delete(key);
      else {
        const { retryMinMs, retryMaxMs } = this.#config;
        const wait = backoffMs(failures, { redialMinMs: retryMinMs, redialMaxMs: retryMaxMs }, ports.random.number());
        this.#notBefore.set(key, links.now() + wait);
      }
      metrics.count('rejoin', 'failed');
      ports.log.debug('an acquaintance could not be reached', { address, code: error.code, error: error.message });
    }
  }

  #save(): void {
    this.#saving?.cancel();
    this.#saving = undefined;
    this.#scope.run(this.#write(), (error) => this.#deps.ports.log.error('addresses could not be saved', { error: String(error) }));
  }

  async #write(): Promise<void> {
    const writes = [...this.#memory.takeChanges()].map(
      ([key, value]): StoreWrite => (value === undefined ? { op: 'delete', table: TABLE, key } : { op: 'put', table: TABLE, key, value }),
    );
    if (writes.length > 0) await this.#deps.ports.store.commit(writes);
  }
}
