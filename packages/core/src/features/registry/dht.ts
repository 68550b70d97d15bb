import type { Identity } from '../../identity/identity.ts';
import type { UdpPort } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import { type Awaitable, chain, isPromise } from '../../util/awaitable.ts';
import { equalBytes } from '../../util/bytes.ts';
import { ParleyError } from '../../util/errors.ts';
import type { Metrics } from '../../util/metrics.ts';
import { Scope } from '../../util/scope.ts';
import type { UdpAddress } from './addresses.ts';
import { Answerer } from './answerer.ts';
import { Asker } from './asker.ts';
import type { RegistryConfig } from './config.ts';
import { type Contact, ContactBook } from './contacts.ts';
import { HandOver, type Kept } from './handover.ts';
import { compareDistance, idOf } from './ids.ts';
import { Lookup } from './lookup.ts';
import { type AnswerBody, FIND, isAnswer, PING, STORE, type StoredStatus } from './packets.ts';
import type { RecordReader } from './reader.ts';
import type { RegistryRecord } from './record.ts';
import { SessionKeys } from './sessions.ts';
import { ContactTable } from './table.ts';

export interface DhtDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly metrics: Metrics;
  readonly udp: UdpPort;
  readonly reader: RecordReader;
  /** Shared with other nodes of this process; of its own without. */
  readonly book?: ContactBook | undefined;
  /** The record of a node that is held here. */
  readonly held: (nodeId: Uint8Array) => Uint8Array | undefined;
  /** `may`: asked before a signature is checked. */
  readonly store: (record: Uint8Array, from: UdpAddress, may: () => boolean) => Awaitable<StoredStatus>;
  /** All records that are kept here for whoever asks. */
  readonly kept: () => Iterable<Kept>;
  /** The table has its first entries, or those of a part of the network that was cut off. */
  readonly joined: () => void;
}

/** Whose record a lookup is for, and how many of the nearest are to confirm it on each path; 0: nobody. */
interface Wanted {
  readonly nodeId: string;
  readonly confirm: number;
}

type Search = Lookup<Contact, RegistryRecord>;

const SECRET_BYTES = 32;
/** So many times k contacts are asked from a table in all, where the first k lead nowhere. */
const SEEDS = 3;
/** A waiting contact makes the oldest entry be asked only when that was not heard of for so long. */
const DOUBT_MS = 60_000;
const REJOIN_MS = 60_000;

/** A server's part in the distributed table over UDP (S4, DESIGN section 9): asks, answers, and keeps its contacts alive. */
export class Dht {
  readonly #deps: DhtDeps;
  readonly #config: RegistryConfig;
  readonly #scope: Scope;
  readonly #self: Uint8Array;
  readonly #book: ContactBook;
  readonly #table: ContactTable;
  readonly #asker: Asker;
  readonly #answerer: Answerer;
  readonly #handOver: HandOver;
  /** Contacts that are being asked whether they live. */
  readonly #pinged = new Set<string>();
  #lookups = 0;
  /** When the nodes nearest to this one were looked for. */
  #selfAt = Number.NEGATIVE_INFINITY;
  #joinedAt = Number.NEGATIVE_INFINITY;
  /** Before it had found its place everybody was new to it, and it is the newcomer itself. */
  #hasJoined = false;

  private constructor(deps: DhtDeps, config: RegistryConfig, sessions: SessionKeys) {
    const { ports, identity, metrics, udp } = deps;
    this.#deps = deps;
    this.#config = config;
    this.#scope = new Scope(ports.clock);
    this.#self = idOf(identity.nodeId) as Uint8Array;
    this.#book = deps.book ?? new ContactBook(ports.crypto, ports.clock);
    this.#table = new ContactTable(this.#self, config);
    const send = (address: UdpAddress, packet: Uint8Array): void => udp.send(address.text, packet);
    const common = { ports, identity, metrics, scope: this.#scope, sessions, send };
    this.#asker = new Asker(
      { ...common, proved: (contact) => this.#proved(contact, true), silent: (contact) => this.#silent(contact) },
      config,
    );
    this.#answerer = new Answerer(
      {
        ...common,
        closest: (target, asker, count) => this.#closest(target, asker, count),
        held: deps.held,
        store: deps.store,
        introduced: (key, from) => this.#proved(this.#book.of(key, from), false),
      },
      config,
    );
    this.#handOver = new HandOver({
      clock: ports.clock,
      scope: this.#scope,
      metrics,
      kept: deps.kept,
      hands: (target, newcomer) => this.#table.hands(target, newcomer, this.#now()),
      give: (contact, record) => this.#store(contact, record),
      failed: (error) => ports.log.warn('records could not be handed over', { error: String(error) }),
    });
    metrics.gauge('registry_contacts', () => this.#table.size);
    metrics.gauge('registry_pending', () => this.#asker.pending);
    this.#scope.every(
      () => config.maintenanceMs * (0.75 + 0.5 * ports.random.number()),
      () => this.#maintain(),
    );
  }

  static async create(deps: DhtDeps, config: RegistryConfig): Promise<Dht> {
    const { crypto, random } = deps.ports;
    return new Dht(deps, config, new SessionKeys(crypto, await crypto.agreementKey(random.bytes(SECRET_BYTES))));
  }

  async close(): Promise<void> {
    this.#asker.close();
    await this.#scope.close();
  }

  get size(): number {
    return this.#table.size;
  }

  contacts(): Contact[] {
    return this.#table.all();
  }

  received(packet: Uint8Array, from: string): void {
    const address = this.#book.address(from);
    if (!address || packet.length < 2) this.#deps.metrics.reject('registry-malformed');
    else if (isAnswer(packet)) this.#asker.received(packet, address);
    else this.#answerer.received(packet, address);
  }

  /** Somebody says that a server is there: it is asked, unless it is known. */
  lead(key: Uint8Array, addressText: string): void {
    const address = this.#book.address(addressText);
    if (!address || this.#deps.udp.address === undefined) return;
    const contact = this.#book.of(key, address);
    if (contact.nodeId !== this.#deps.identity.nodeId && !this.#table.has(contact)) this.#ping(contact);
  }

  /**
   * The newest record of a node that can be found, and those of the nearest who were asked and do not have it. `first`: the first that is found will
   * do. Errors: `quota`.
   */
  async find(target: Uint8Array, nodeId: string, first: boolean): Promise<{ record: RegistryRecord | undefined; lacking: Contact[] }> {
    const confirm = first ? 0 : this.#config.confirm;
    const search = await this.#look(target, { nodeId, confirm });
    return { record: search.best, lacking: search.best ? search.lacking(Math.max(1, this.#config.paths * confirm)) : [] };
  }

  /** Gives a record to the nodes nearest to its id. Returns how many have it now. Errors: `quota`. */
  async put(target: Uint8Array, record: Uint8Array): Promise<number> {
    const search = await this.#look(target);
    return this.give(search.closest(this.#config.k), record);
  }

  /**
   * Gives the own record to the nodes nearest to this one. They are what a table knows best: as long as it was looked for them lately, they are
   * not looked for again.
   */
  async putOwn(record: Uint8Array): Promise<number> {
    const now = this.#now();
    if (now - this.#selfAt >= this.#config.refreshMs) return this.put(this.#self, record);
    return this.give(this.#table.closest(this.#self, this.#config.k), record);
  }

  async give(contacts: readonly Contact[], record: Uint8Array): Promise<number> {
    // A packet that was lost would leave an older record there.
    const twice = async (contact: Contact): Promise<StoredStatus | undefined> =>
      (await this.#store(contact, record)) ?? (this.#scope.closed ? undefined : this.#store(contact, record));
    const outcomes = await Promise.all(contacts.map(twice));
    return outcomes.filter((status) => status === 'stored' || status === 'same').length;
  }

  /** Asks a node to keep a record. Undefined when there is no answer. */
  #store(contact: Contact, record: Uint8Array): Promise<StoredStatus | undefined> {
    return new Promise((resolve) => {
      this.#asker.ask(
        contact,
        { kind: STORE, record },
        {
          answered: (body) => {
            const status = body.kind === STORE ? body.status : 'refused';
            this.#deps.metrics.count('registry_given', status);
            resolve(status);
          },
          failed: () => resolve(undefined),
        },
      );
    });
  }

  /** Whether this node is among those that should hold a record. */
  isNear(target: Uint8Array): boolean {
    const nearest = this.#table.closest(target, this.#config.k);
    const furthest = nearest.at(-1);
    return nearest.length < this.#config.k || !furthest || compareDistance(target, this.#self, furthest.id) < 0;
  }

  /** Runs a lookup to its end. `wanted`: whose record, and by how many it is to be confirmed; without, the nearest nodes are. */
  #look(target: Uint8Array, wanted?: Wanted): Promise<Search> {
    const { k, alpha, paths, morePaths, maxQuestions, lookupPerNetwork: perNetwork, maxLookups } = this.#config;
    const { nodeId, confirm = 0 } = wanted ?? {};
    if (this.#lookups >= maxLookups) return Promise.reject(new ParleyError('quota', 'too many lookups at a time'));
    this.#table.used(target, this.#now());
    const search: Search = new Lookup(
      {
        goal: nodeId === undefined ? 'nodes' : 'value',
        k,
        alpha,
        paths,
        morePaths,
        maxQuestions,
        confirm,
        perNetwork,
        compare: (a, b) => compareDistance(target, a.id, b.id),
        keyOf: (contact) => contact.nodeId,
        placeOf: ({ address }) => address.text,
        networkOf: ({ address }) => address.network,
      },
      this.#table.closest(target, k),
      () => this.#table.closest(target, SEEDS * k).slice(k),
    );
    this.#lookups++;
    const began = this.#now();
    return new Promise<Search>((resolve) => {
      let ended = false;
      const advance = (): void => {
        if (ended) return;
        for (const contact of this.#scope.closed ? [] : search.next()) this.#question(search, contact, target, wanted, advance);
        // Nobody to ask at all, or an answer that came at once, may have ended it meanwhile.
        if (ended || !(search.done || this.#scope.closed)) return;
        ended = true;
        this.#lookups--;
        if (target === this.#self) this.#selfAt = this.#now();
        this.#deps.metrics.observe('registry_lookup_ms', this.#now() - began);
        this.#deps.metrics.count('registry_lookups', nodeId === undefined ? 'nodes' : search.best ? 'found' : 'nothing');
        resolve(search);
      };
      advance();
    });
  }

  #question(search: Search, contact: Contact, target: Uint8Array, wanted: Wanted | undefined, advance: () => void): void {
    const { nodeId, confirm = 0 } = wanted ?? {};
    this.#asker.ask(
      contact,
      { kind: FIND, target, nodesOnly: nodeId === undefined, ...(confirm > 0 ? { beside: true } : {}) },
      {
        answered: (body) => {
          const judged = chain(this.#record(body, nodeId), (record) => {
            // Whoever gives something else in its place lies: what it says of others is worth nothing either.
            if (record === false) search.failed(contact);
            else search.answered(contact, this.#leads(body, contact), record);
            advance();
          });
          if (isPromise(judged)) this.#watch(judged);
        },
        failed: () => {
          search.failed(contact);
          advance();
        },
        late: () => {
          search.late(contact);
          advance();
        },
      },
    );
  }

  /** The record in an answer, checked; false where there is another in its place. */
  #record(body: AnswerBody, nodeId: string | undefined): Awaitable<RegistryRecord | undefined | false> {
    if (body.kind !== FIND || !body.record) return undefined;
    if (nodeId === undefined) {
      this.#deps.metrics.reject('registry-unwanted');
      return false;
    }
    return chain(this.#deps.reader.read(body.record, this.#deps.ports.clock.now(), nodeId), (record) => record ?? false);
  }

  #leads(body: AnswerBody, from: Contact): Contact[] {
    if (body.kind !== FIND) return [];
    return this.#book.read(body.contacts, from.address.loopback).filter(({ nodeId }) => nodeId !== this.#deps.identity.nodeId);
  }

  #closest(target: Uint8Array, asker: Uint8Array, count: number): readonly Uint8Array[] {
    const wires: Uint8Array[] = [];
    for (const { key, wire } of this.#table.closest(target, count + 1)) {
      if (wires.length < count && !equalBytes(key, asker)) wires.push(wire);
    }
    return wires;
  }

  #proved(contact: Contact, asked: boolean): void {
    const now = this.#now();
    const before = this.#table.size;
    const seen = this.#table.proved(contact, now);
    if (seen.kind === 'crowded') this.#deps.metrics.reject('registry-crowded');
    else if (seen.kind === 'waiting') {
      if (this.#table.silentFor(seen.ask, now) >= DOUBT_MS) this.#ping(seen.ask);
    } else if (seen.kind === 'added') {
      // It knows us too, and takes us in if it has room, once our key is proved.
      if (asked && this.#config.listed) this.#asker.introduce(contact);
      if (before === 0) this.#join();
      if (this.#hasJoined) this.#handOver.newcomer(contact);
    }
  }

  #silent(contact: Contact): void {
    if (this.#table.silent(contact)) this.#deps.metrics.count('registry_contacts_lost');
  }

  #ping(contact: Contact): void {
    if (this.#pinged.has(contact.nodeId) || this.#pinged.size >= this.#config.maxPending) return;
    this.#pinged.add(contact.nodeId);
    const done = (): void => {
      this.#pinged.delete(contact.nodeId);
    };
    this.#asker.ask(contact, { kind: PING }, { answered: done, failed: done });
  }

  /** Finds the nodes nearest to this one, and some in each bucket. */
  #join(): void {
    const now = this.#now();
    if (now - this.#joinedAt < REJOIN_MS) return;
    this.#joinedAt = now;
    const run = async (): Promise<void> => {
      await this.#look(this.#self);
      for (const target of this.#table.stale(now, 0, this.#deps.ports.random)) {
        if (this.#scope.closed) return;
        await this.#look(target);
      }
      this.#hasJoined = true;
      this.#deps.joined();
    };
    this.#watch(run());
  }

  #maintain(): void {
    const { random } = this.#deps.ports;
    if (this.#deps.udp.address === undefined) return;
    const now = this.#now();
    for (const contact of this.#table.quiet(now, this.#config.pingsATick)) this.#ping(contact);
    const lost = this.#table.lost(random);
    if (lost) {
      const before = this.#table.size;
      this.#asker.ask(lost, { kind: PING }, { answered: () => this.#table.size > before && this.#join(), failed: () => {} });
    }
    const { refreshMs } = this.#config;
    if (this.#table.size === 0) return;
    const target = now - this.#selfAt >= refreshMs ? this.#self : this.#table.stale(now, refreshMs, random)[0];
    if (target) this.#watch(this.#look(target));
  }

  #watch(task: Promise<unknown>): void {
    this.#scope.run(task, (error) => {
      if (error instanceof ParleyError && error.code === 'quota') this.#deps.metrics.reject('registry-busy');
      else this.#deps.ports.log.warn('a lookup failed', { error: String(error) });
    });
  }

  #now(): number {
    return this.#deps.ports.clock.monotonic();
  }
}
