import type { Link, Links } from '../../link/index.ts';
import { ACCEPT, type Arrival, type Overlay, type Verdict } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import { type Awaitable, chain } from '../../util/awaitable.ts';
import { base64, fromBase64 } from '../../util/base64.ts';
import { LruMap } from '../../util/bounded.ts';
import type { Metrics } from '../../util/metrics.ts';
import { Scope } from '../../util/scope.ts';
import type { DataOf } from '../../wire/verb.ts';
import type { RegistryConfig } from './config.ts';
import type { RecordReader } from './reader.ts';
import type { RegistryRecord } from './record.ts';
import { FIND_RECORD, FOUND, MAX_HANDED, PUBLISH, RECORDS } from './verbs.ts';

export interface OverLinksDeps {
  readonly ports: Ports;
  readonly self: string;
  readonly isServer: boolean;
  readonly links: Pick<Links, 'all'>;
  readonly overlay: Pick<Overlay, 'handle'>;
  readonly metrics: Metrics;
  readonly reader: RecordReader;
  /** A neighbour told of itself; `store`: it wants to have it put into the table. */
  readonly published: (record: RegistryRecord, link: Link, store: boolean) => void;
  /** Somebody else's record, from a neighbour that this node joined by. */
  readonly handed: (record: RegistryRecord, link: Link) => void;
  /** A neighbour wants more of the registry. */
  readonly askedForMore: (link: Link) => void;
  /** The newest record of a node that this server can find. */
  readonly search: (nodeId: string, depth: number) => Promise<RegistryRecord | undefined>;
}

interface Asked {
  readonly nodeId: string;
  readonly server: string;
  readonly resolve: (record: RegistryRecord | undefined) => void;
}

/** Of all lookups that may be under way, the part that neighbours may ask for: the rest is for what this node needs itself. */
const FOR_NEIGHBOURS = 0.75;
const MAX_ASKED = 1024;
/** Servers that are asked at once, and one after the other. */
const AT_ONCE = 2;
const ROUNDS = 3;
/** Whoever asks for more of the registry gets it so often. */
const ASKED_AGAIN_MS = 10_000;

/** The registry over links: how clients and tabs take part in it, and servers where UDP does not get through. */
export class OverLinks {
  readonly #deps: OverLinksDeps;
  readonly #config: RegistryConfig;
  readonly #scope: Scope;
  readonly #asked = new Map<number, Asked>();
  /** Links by which this node joined, or over which it has asked for records, until it has been handed some. */
  readonly #expectant = new WeakSet<Link>();
  readonly #handedAt = new LruMap<string, number>(4096);
  /** Neighbours that have asked for more, and get it in a moment. */
  readonly #later = new Set<string>();
  #count = 0;
  #searches = 0;

  constructor(deps: OverLinksDeps, config: RegistryConfig) {
    this.#deps = deps;
    this.#config = config;
    this.#scope = new Scope(deps.ports.clock);
    deps.overlay.handle(PUBLISH, (arrival) => this.#onPublish(arrival));
    deps.overlay.handle(FIND_RECORD, (arrival) => this.#onFind(arrival));
    deps.overlay.handle(FOUND, (arrival) => this.#onFound(arrival));
    deps.overlay.handle(RECORDS, (arrival) => this.#onRecords(arrival));
  }

  async close(): Promise<void> {
    for (const { resolve } of this.#asked.values()) resolve(undefined);
    this.#asked.clear();
    await this.#scope.close();
  }

  /** A link opened: whoever dialled is the newcomer. */
  up(link: Link): void {
    if (link.connection.dialled && link.peer.nodeType === 'server') this.#expectant.add(link);
  }

  /** Whoever asks for more of the registry gets it, at once or when it was not given any for a while. */
  answerAsker(link: Link, give: () => void): void {
    const { nodeId } = link.peer;
    if (this.#later.has(nodeId)) return;
    const since = this.#deps.ports.clock.monotonic() - (this.#handedAt.get(nodeId) ?? Number.NEGATIVE_INFINITY);
    this.#later.add(nodeId);
    this.#scope.after(Math.max(0, ASKED_AGAIN_MS - since), () => {
      this.#later.delete(nodeId);
      this.#handedAt.delete(nodeId);
      if (!link.closing) give();
    });
  }

  /** Gives a newcomer part of the registry, not again and again. */
  hand(link: Link, records: readonly Uint8Array[]): void {
    const now = this.#deps.ports.clock.monotonic();
    const before = this.#handedAt.get(link.peer.nodeId);
    if (records.length === 0 || (before !== undefined && now - before < this.#config.refreshMs)) return;
    this.#handedAt.set(link.peer.nodeId, now);
    link.say(RECORDS, { node_id: this.#deps.self, records: records.slice(0, MAX_HANDED).map(base64) });
  }

  /** Asks the servers among the neighbours for more of the registry. */
  askForMore(): void {
    for (const link of this.#deps.links.all()) {
      if (link.peer.nodeType !== 'server') continue;
      this.#expectant.add(link);
      link.say(RECORDS, { node_id: this.#deps.self, records: [] });
    }
  }

  publish(link: Link, record: Uint8Array, store: boolean): void {
    link.say(PUBLISH, { node_id: this.#deps.self, record: base64(record), ...(store ? { store } : {}) });
  }

  /** Asks neighbouring servers, the nearest first, until one of them has a record. `except`: the one on whose behalf. */
  async find(nodeId: string, depth: number, except?: string): Promise<RegistryRecord | undefined> {
    const servers = this.#deps.links
      .all()
      .filter(({ peer }) => peer.nodeType === 'server' && peer.nodeId !== except)
      .sort((a, b) => a.latencyMs - b.latencyMs)
      .slice(0, ROUNDS * AT_ONCE);
    while (servers.length > 0) {
      const found = await Promise.all(servers.splice(0, AT_ONCE).map((link) => this.#ask(link, nodeId, depth)));
      let best: RegistryRecord | undefined;
      for (const record of found) if (record && (!best || record.seq > best.seq)) best = record;
      if (best) return best;
    }
    return undefined;
  }

  #ask(link: Link, nodeId: string, depth: number): Promise<RegistryRecord | undefined> {
    return new Promise((resolve) => {
      if (this.#scope.closed || this.#asked.size >= MAX_ASKED) {
        this.#deps.metrics.reject('registry-busy');
        resolve(undefined);
        return;
      }
      const findId = this.#count++;
      const timer = this.#scope.after(this.#config.linkAnswerMs, () => this.#settle(findId, undefined));
      const settled = (record: RegistryRecord | undefined): void => {
        timer.cancel();
        resolve(record);
      };
      this.#asked.set(findId, { nodeId, server: link.peer.nodeId, resolve: settled });
      const sent = link.say(FIND_RECORD, { node_id: this.#deps.self, find_id: findId, target: nodeId, depth });
      if (!sent) this.#settle(findId, undefined);
    });
  }

  #settle(findId: number, record: RegistryRecord | undefined): void {
    const asked = this.#asked.get(findId);
    this.#asked.delete(findId);
    asked?.resolve(record);
  }

  #onPublish({ data, from }: Arrival<DataOf<typeof PUBLISH>>): Awaitable<Verdict> {
    const bytes = fromBase64(data.record);
    if (!bytes) return { verdict: 'drop', reason: 'record-format' };
    return chain(this.#deps.reader.read(bytes, this.#wall()), (record): Verdict => {
      if (!record) return ACCEPT;
      const { nodeId } = from.peer;
      // A server where UDP does not get through speaks for those who say that they are attached to it.
      const attached = from.peer.nodeType === 'server' && record.attachments.some((server) => server.nodeId === nodeId);
      if (record.nodeId !== nodeId && !attached) return { verdict: 'drop', reason: 'record-other-node' };
      this.#deps.published(record, from, data.store === true);
      return ACCEPT;
    });
  }

  #onFind({ data, from }: Arrival<DataOf<typeof FIND_RECORD>>): Verdict {
    if (!this.#deps.isServer) return { verdict: 'drop', reason: 'registry-no-server' };
    const answer = (record: RegistryRecord | undefined): void => {
      const found = { node_id: this.#deps.self, find_id: data.find_id };
      from.say(FOUND, record ? { ...found, record: base64(record.bytes) } : found);
    };
    if (this.#searches >= FOR_NEIGHBOURS * this.#config.maxLookups) {
      // Better than silence: it can ask another server at once.
      answer(undefined);
      return { verdict: 'drop', reason: 'registry-busy' };
    }
    this.#searches++;
    const search = this.#deps
      .search(data.target, Math.min(data.depth ?? 0, 1))
      .catch((): undefined => {
        this.#deps.metrics.reject('registry-busy');
      })
      .then(answer)
      .finally(() => {
        this.#searches--;
      });
    this.#scope.run(search, (error) => this.#deps.ports.log.warn('a record could not be looked up', { error: String(error) }));
    return ACCEPT;
  }

  #onFound({ data, from }: Arrival<DataOf<typeof FOUND>>): Awaitable<Verdict> {
    const asked = this.#asked.get(data.find_id);
    if (asked?.server !== from.peer.nodeId) return { verdict: 'drop', reason: 'registry-unasked' };
    const bytes = data.record === undefined ? undefined : fromBase64(data.record);
    if (!bytes) {
      this.#settle(data.find_id, undefined);
      return ACCEPT;
    }
    return chain(this.#deps.reader.read(bytes, this.#wall(), asked.nodeId), (record): Verdict => {
      this.#settle(data.find_id, record);
      return ACCEPT;
    });
  }

  async #onRecords({ data, from }: Arrival<DataOf<typeof RECORDS>>): Promise<Verdict> {
    if (data.records.length === 0 && this.#deps.isServer) {
      this.#deps.askedForMore(from);
      return ACCEPT;
    }
    // What nobody asked for would fill the shelf.
    if (!this.#expectant.delete(from)) return { verdict: 'drop', reason: 'registry-unasked' };
    for (const text of data.records) {
      const bytes = fromBase64(text);
      const record = bytes && (await this.#deps.reader.read(bytes, this.#wall()));
      if (record) this.#deps.handed(record, from);
    }
    return ACCEPT;
  }

  #wall(): number {
    return this.#deps.ports.clock.now();
  }
}
