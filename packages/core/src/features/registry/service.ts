import type { Identity } from '../../identity/identity.ts';
import { type KeyBook, publicKeyOf } from '../../identity/ids.ts';
import type { Link, Links, OwnEndpoints } from '../../link/index.ts';
import { type Overlay, REGISTRY_BYTES, type UdpPort } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import type { TableSpec } from '../../ports/store.ts';
import { type Awaitable, chain } from '../../util/awaitable.ts';
import { LruMap } from '../../util/bounded.ts';
import { ParleyError } from '../../util/errors.ts';
import { Emitter } from '../../util/events.ts';
import { isGuid } from '../../util/guid.ts';
import type { Metrics } from '../../util/metrics.ts';
import { Scope } from '../../util/scope.ts';
import type { UdpAddress } from './addresses.ts';
import { type RegistryConfig, registryDefaults } from './config.ts';
import type { ContactBook } from './contacts.ts';
import type { Dht } from './dht.ts';
import { idOf } from './ids.ts';
import { loadDht } from './load.ts';
import { OverLinks } from './over-links.ts';
import { OwnRecord, ownTables } from './own-record.ts';
import type { StoredStatus } from './packets.ts';
import { RecordReader } from './reader.ts';
import type { RegistryRecord } from './record.ts';
import { Records } from './records.ts';
import { type Metadata, openMetadata, sealMetadata } from './sealed.ts';
import { shelfTables } from './store.ts';

export const registryTables: readonly TableSpec[] = [...ownTables, ...shelfTables];

/** A server of the Kademlia table. */
export interface RegistryContact {
  readonly nodeId: string;
  readonly keyId: string;
  /** UDP, `HOST:PORT`. */
  readonly address: string;
  readonly endpoints?: readonly string[];
}

export interface RegistryDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly nodeType: 'client' | 'server';
  readonly keys: KeyBook;
  readonly links: Pick<Links, 'all' | 'events'>;
  readonly overlay: Pick<Overlay, 'handle'>;
  /** Where others reach this node. */
  readonly endpoints: OwnEndpoints;
  readonly udp: UdpPort;
  readonly metrics: Metrics;
  /** What is remembered of contacts, where nodes of one process share it. */
  readonly book?: ContactBook;
}

export interface FindOptions {
  readonly signal?: AbortSignal | undefined;
  /** Asks the network even where a record was fetched a moment ago. */
  readonly fresh?: boolean;
  /** The first record that is found will do, though it may not be the newest. */
  readonly first?: boolean;
}

const UDP = 'udp:';
/** A server that is named second, third or fourth waits so long for the one before it to put a record into the table. */
const RANK_MS = 20_000;
const PUTS_A_TICK = 10;
/** Neighbours that are told what nobody among them needs: the table has it, or they put it there. */
const SPOKESMEN = 3;
const SAVE_CONTACTS_MS = 5 * 60_000;
const GREET_MS = 200;

/** The registry (S4, DESIGN section 9): finds where any node is, by node id or key id, and tells where this one is. */
export class Registry {
  readonly events: Emitter<{ record: { readonly record: RegistryRecord } }>;
  readonly #deps: RegistryDeps;
  readonly #config: RegistryConfig;
  readonly #scope: Scope;
  readonly #reader: RecordReader;
  readonly #records: Records;
  readonly #own: OwnRecord;
  readonly #overLinks: OverLinks;
  /** When a record was fetched last (monotonic). */
  readonly #fetchedAt = new LruMap<string, number>(4096);
  readonly #finding = new Map<string, Promise<RegistryRecord | undefined>>();
  /** Records to put into the table, which there was not when they came. */
  readonly #unput = new LruMap<string, RegistryRecord>(4096);
  /** New links, with which records are exchanged soon. */
  readonly #fresh: Link[] = [];
  #dht: Dht | undefined;
  /** A record of this node has been made. */
  #isTold = false;

  constructor(deps: RegistryDeps, config: RegistryConfig = registryDefaults) {
    const { ports, identity, metrics, links, nodeType } = deps;
    this.#deps = deps;
    this.#config = config;
    this.#scope = new Scope(ports.clock);
    this.events = new Emitter((error) => ports.log.error('a listener failed', { error: String(error) }));
    this.#reader = new RecordReader({ crypto: ports.crypto, keys: deps.keys, metrics });
    this.#records = new Records(
      { ports, reader: this.#reader, metrics, self: identity.nodeId, learnt: (record) => this.events.emit('record', { record }) },
      config,
    );
    this.#own = new OwnRecord(
      {
        ports,
        identity,
        nodeType,
        links,
        own: deps.endpoints,
        metrics,
        scope: this.#scope,
        endpointsOf: (nodeId) => this.get(nodeId)?.endpoints,
        made: (record) => this.#announce(record),
      },
      config,
    );
    this.#overLinks = new OverLinks(
      {
        ports,
        self: identity.nodeId,
        isServer: nodeType === 'server',
        links,
        overlay: deps.overlay,
        metrics,
        reader: this.#reader,
        published: (record, link, store) => this.#published(record, link, store),
        handed: (record, link) => {
          this.#take(record, link.connection.remoteAddress);
          this.#lead(record);
        },
        askedForMore: (link) => this.#overLinks.answerAsker(link, () => this.#hand(link)),
        search: (nodeId, depth) => this.#search(nodeId, depth, false),
      },
      config,
    );
    deps.udp.claim(REGISTRY_BYTES, (packet, from) => {
      if (this.#dht) this.#dht.received(packet, from);
      else metrics.reject('registry-no-server');
    });
    metrics.gauge('registry_records', () => this.#records.size);
    metrics.gauge('registry_record_bytes', () => this.#records.bytes);
  }

  /** Reads back what is kept, and begins to take part. */
  async start(): Promise<void> {
    const { ports, identity, metrics, udp, nodeType, links } = this.#deps;
    await this.#records.start();
    await this.#own.start();
    if (nodeType === 'server' && ports.datagrams) {
      const { Dht } = await loadDht();
      this.#dht = await Dht.create(
        {
          ports,
          identity,
          metrics,
          udp,
          reader: this.#reader,
          book: this.#deps.book,
          held: (id) => this.#records.held(id, this.#own.bytes),
          store: (record, from, may) => this.#onStore(record, from, may),
          kept: () => this.#records.kept(),
          joined: () => this.#joined(),
        },
        this.#config,
      );
    }
    this.#scope.add(links.events.on('up', (link) => this.#up(link)));
    this.#scope.every(
      () => this.#config.saveMs,
      () => {
        if (this.#records.store.dirty) this.#watch(this.#records.save());
      },
    );
    this.#scope.every(
      () => this.#config.maintenanceMs,
      () => this.#maintain(),
    );
    this.#scope.every(
      () => SAVE_CONTACTS_MS,
      () => this.#watch(this.#records.store.saveContacts(this.contacts())),
    );
    this.#own.changed();
  }

  async close(): Promise<void> {
    await this.#overLinks.close();
    const contacts = this.contacts();
    await this.#dht?.close();
    await this.#scope.close();
    await this.#records.save();
    if (contacts.length > 0) await this.#records.store.saveContacts(contacts);
  }

  /** What is held here, not expired. */
  get(nodeId: string): RegistryRecord | undefined {
    return this.#records.get(nodeId);
  }

  /**
   * The newest record that can be found of a node id or key id; undefined when there is none, or nobody to ask. Errors: `bad-argument`, `aborted`,
   * `quota` when too much is being looked up.
   */
  async find(target: string, options: FindOptions = {}): Promise<RegistryRecord | undefined> {
    const nodeId = this.#nodeIdOf(target);
    const { signal, fresh, first = false } = options;
    signal?.throwIfAborted();
    if (!fresh && this.#isFresh(nodeId)) return this.get(nodeId);
    const name = first ? nodeId : `newest ${nodeId}`;
    let finding = this.#finding.get(name);
    if (!finding) {
      finding = this.#search(nodeId, 1, first).finally(() => this.#finding.delete(name));
      this.#finding.set(name, finding);
    }
    if (!signal) return finding;
    return new Promise((resolve, reject) => {
      const aborted = (): void => reject(ParleyError.from(signal.reason, 'aborted'));
      signal.addEventListener('abort', aborted, { once: true });
      finding.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted));
    });
  }

  /** Records of servers that are held here, not expired. */
  servers(): RegistryRecord[] {
    return this.#records.servers();
  }

  /** Asks neighbouring servers for more of the registry. What they know comes soon, if they do not ignore it. */
  askForMore(): void {
    this.#overLinks.askForMore();
  }

  /** Takes a record that was found in another way than by asking. Undefined where it is none, not of that node, or older than what is held. */
  async learn(nodeId: string, bytes: Uint8Array): Promise<RegistryRecord | undefined> {
    const record = await this.#reader.read(bytes, this.#deps.ports.clock.now(), nodeId);
    if (record) this.#records.cache(record);
    return record && this.get(nodeId);
  }

  /** The servers of the Kademlia table; none on a client. */
  contacts(): RegistryContact[] {
    return (this.#dht?.contacts() ?? []).map(({ nodeId, key, address }) => {
      const endpoints = this.get(nodeId)?.endpoints;
      return { nodeId, keyId: this.#deps.keys.of(key).keyId, address: address.text, ...(endpoints ? { endpoints } : {}) };
    });
  }

  /** The own record says from now on that this node is nowhere. Errors: those of the store. */
  withdraw(): Promise<void> {
    return this.#own.withdraw();
  }

  /** What the own record says may have changed: it is made and told anew, when it has. */
  publish(): void {
    this.#own.changed();
  }

  /** The same at once, changed or not. Returns the sequence number once those who are to keep the record have it. Errors: `unsupported` where it is not listed. */
  publishNow(): Promise<number> {
    return this.#own.now();
  }

  /**
   * Metadata that only these contacts can read (S4), by their X25519 keys; an empty list takes it back. There is room for a few. Errors:
   * `bad-argument`, `too-large`.
   */
  async share(metadata: Metadata, contacts: readonly Uint8Array[]): Promise<void> {
    this.#own.sealed = await sealMetadata(this.#deps.ports, this.#deps.identity.publicKey, metadata, contacts);
  }

  /** The metadata in a record that is for this node alone; undefined where there is none. */
  open(record: RegistryRecord): Promise<Metadata | undefined> {
    return openMetadata(this.#deps.ports.crypto, this.#deps.identity, record);
  }

  /** The UDP port is bound: packets can go out. */
  udpBound(): void {
    if (this.#dht) this.#watch(this.#remember());
  }

  #nodeIdOf(target: string): string {
    const nodeId = isGuid(target) ? target : publicKeyOf(target) && this.#deps.keys.resolve(target)?.nodeId;
    if (nodeId === undefined) throw new ParleyError('bad-argument', `neither a node id nor a key id: ${target}`);
    return nodeId;
  }

  #isFresh(nodeId: string): boolean {
    const at = this.#fetchedAt.get(nodeId);
    return at !== undefined && this.#now() - at < this.#config.freshMs && this.get(nodeId) !== undefined;
  }

  /** Over UDP where there is a table, over links where not, or where that has nothing. */
  async #search(nodeId: string, depth: number, first: boolean): Promise<RegistryRecord | undefined> {
    const id = idOf(nodeId);
    if (!id) return undefined;
    let found: RegistryRecord | undefined;
    const dht = this.#dht;
    if (dht && dht.size > 0) {
      const { record, lacking } = await dht.find(id, nodeId, first);
      found = record;
      if (record && lacking.length > 0) this.#watch(dht.give(lacking, record.bytes));
    }
    if (!found && depth > 0) found = await this.#overLinks.find(nodeId, depth - (this.#dht ? 1 : 0));
    if (found) {
      this.#records.cache(found);
      this.#fetchedAt.set(nodeId, this.#now());
    }
    return this.get(nodeId);
  }

  /** Links come and go: only with those that stay for a moment is anything exchanged. */
  #up(link: Link): void {
    this.#overLinks.up(link);
    if (this.#fresh.push(link) > 1) return;
    this.#scope.after(GREET_MS, () => {
      for (const each of this.#fresh.splice(0)) this.#greet(each);
    });
  }

  #greet(link: Link): void {
    if (link.closing) return;
    this.#handNewcomer(link);
    if (this.#own.bytes && link.peer.nodeType === 'server') this.#overLinks.publish(link, this.#own.bytes, this.#isCutOff);
  }

  /** Who came before there was a record of this node may have been handed nothing, and know nobody. */
  #greetEarly(): void {
    if (this.#isTold) return;
    this.#isTold = true;
    for (const link of this.#deps.links.all()) this.#handNewcomer(link);
  }

  #handNewcomer(link: Link): void {
    if (this.#deps.nodeType === 'server' && !link.connection.dialled) this.#hand(link);
  }

  #hand(link: Link): void {
    this.#overLinks.hand(link, this.#records.some(link.peer.nodeId, this.#own.bytes, this.#config.handedRecords));
  }

  /** Whether others have to put the own record into the table. */
  get #isCutOff(): boolean {
    return !this.#dht || this.#dht.size === 0;
  }

  /** The own record was made anew: the servers that it names get it, or a few where it names none, and the table. */
  async #announce(record: Uint8Array): Promise<void> {
    const own = this.#reader.trusted(record, this.#deps.ports.clock.now());
    if (own) this.#records.own(own);
    this.#greetEarly();
    const named = new Set(own?.attachments.map(({ nodeId }) => nodeId));
    const servers = this.#servers().filter((link) => named.size === 0 || named.has(link.peer.nodeId));
    for (const link of named.size === 0 ? servers.slice(0, SPOKESMEN) : servers) this.#overLinks.publish(link, record, this.#isCutOff);
    await this.#putOwn();
  }

  /** Neighbours that are servers, the nearest first. */
  #servers(): Link[] {
    const servers = this.#deps.links.all().filter(({ peer }) => peer.nodeType === 'server');
    return servers.sort((a, b) => a.latencyMs - b.latencyMs);
  }

  async #putOwn(): Promise<void> {
    const { bytes } = this.#own;
    if (this.#dht && bytes && this.#dht.size > 0) await this.#dht.putOwn(bytes);
  }

  /** From now on the table has what could only be told to neighbours so far. */
  #joined(): void {
    this.#deps.metrics.count('registry_joined');
    this.#watch(this.#putOwn());
    for (const record of this.#records.attached()) if (record.nodeType === 'client') this.#unput.set(record.nodeId, record);
  }

  #published(record: RegistryRecord, link: Link, store: boolean): void {
    const isNews = this.#take(record, link.connection.remoteAddress);
    if (this.#deps.nodeType !== 'server') return;
    const isOwn = record.nodeId === link.peer.nodeId;
    if (isOwn) this.#records.attach(record);
    this.#lead(record);
    if (!store || !isNews) return;
    if (this.#isCutOff) {
      if (isOwn) this.#passOn(record, link);
      return;
    }
    const rank = isOwn ? record.attachments.findIndex(({ nodeId }) => nodeId === this.#deps.identity.nodeId) : 0;
    // Whoever is named first does it at once; the others look later whether it is done.
    const wait = Math.max(0, rank) * RANK_MS * (0.75 + 0.5 * this.#deps.ports.random.number());
    if (wait === 0) this.#put(record);
    else this.#scope.after(wait, () => this.#watch(this.#putUnlessThere(record)));
  }

  /** Has it put into the table by neighbours that take part in it. */
  #passOn(record: RegistryRecord, from: Link): void {
    const servers = this.#servers().filter((link) => link !== from);
    for (const link of servers.slice(0, SPOKESMEN)) this.#overLinks.publish(link, record.bytes, true);
  }

  #put(record: RegistryRecord): void {
    if (this.#dht) this.#watch(this.#dht.put(idOf(record.nodeId) as Uint8Array, record.bytes));
  }

  async #putUnlessThere(record: RegistryRecord): Promise<void> {
    const held = this.get(record.nodeId);
    const id = idOf(record.nodeId);
    if (!this.#dht || !id || (held && held.seq > record.seq)) return;
    const { record: there } = await this.#dht.find(id, record.nodeId, false);
    if (!there || there.seq < record.seq) await this.#dht.put(id, record.bytes);
  }

  #onStore(bytes: Uint8Array, from: UdpAddress, may: () => boolean): Awaitable<StoredStatus> {
    return chain(this.#reader.read(bytes, this.#deps.ports.clock.now(), undefined, may), (record): StoredStatus => {
      if (!record) return 'refused';
      if (this.#isOwn(record)) return 'same';
      const outcome = this.#records.put(record, from.network);
      if (outcome === 'stored' || outcome === 'same' || outcome === 'stale') return outcome;
      return 'refused';
    });
  }

  /** A record that came over a link. Returns whether it is news, and worth passing on. */
  #take(record: RegistryRecord, remoteAddress: string): boolean {
    return !this.#isOwn(record) && this.#records.putFrom(record, remoteAddress);
  }

  #isOwn(record: RegistryRecord): boolean {
    if (record.nodeId !== this.#deps.identity.nodeId) return false;
    this.#own.outrun(record.seq);
    return true;
  }

  /** A server's record says where it answers over UDP. */
  #lead(record: RegistryRecord): void {
    if (record.nodeType !== 'server') return;
    for (const endpoint of record.endpoints) {
      if (endpoint.startsWith(UDP)) this.#dht?.lead(record.publicKey, endpoint.slice(UDP.length));
    }
  }

  /** Asks those who were there before the last end. */
  async #remember(): Promise<void> {
    for (const { keyId, address } of await this.#records.store.contacts()) {
      const key = publicKeyOf(keyId);
      if (key) this.#dht?.lead(key, address);
    }
    for (const record of this.#records.servers()) this.#lead(record);
  }

  #maintain(): void {
    this.#records.expire();
    const dht = this.#dht;
    if (!dht) return;
    if (dht.size === 0) {
      const servers = this.#records.servers();
      for (const record of servers.slice(0, PUTS_A_TICK)) this.#lead(record);
      if (servers.length === 0) this.askForMore();
      return;
    }
    for (const [nodeId, record] of [...this.#unput.entries()].slice(0, PUTS_A_TICK)) {
      this.#unput.delete(nodeId);
      this.#watch(this.#putUnlessThere(record));
    }
    for (const record of this.#records.due(PUTS_A_TICK)) {
      const id = idOf(record.nodeId);
      if (id && dht.isNear(id)) this.#watch(dht.put(id, record.bytes));
    }
  }

  #watch(task: Promise<unknown>): void {
    this.#scope.run(task, (error) => {
      if (error instanceof ParleyError && error.code === 'quota') this.#deps.metrics.reject('registry-busy');
      else this.#deps.ports.log.warn('the registry could not do something', { error: String(error) });
    });
  }

  #now(): number {
    return this.#deps.ports.clock.monotonic();
  }
}
