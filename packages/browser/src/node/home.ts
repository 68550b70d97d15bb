import {
  type ApiEvent,
  createNode,
  EventHub,
  type FileService,
  type Link,
  type Node,
  NodeService,
  ParleyError,
  type Ports,
  publicKeyOf,
  type Store,
  type Successor,
  safetyNumber,
  tables,
  Views,
} from '@parley/core';
import type { TabFiles } from '../files/tab-files.ts';
import type { OpenIdentity } from '../identity/vault.ts';
import type { KnownNode, ServerView, TabEvent } from '../parley.ts';
import { openIdbStore } from '../store/index.ts';
import { createWsTransport } from '../ws/transport.ts';
import { Servers } from './servers.ts';
import { Traffic } from './traffic.ts';

export interface HomeDeps extends Omit<Ports, 'store' | 'transports'> {
  readonly identity: OpenIdentity['identity'];
  /** Of the databases of this browser. */
  readonly name: string;
  /** Name of the store's database. */
  readonly storeName: string;
  readonly servers: readonly string[];
  readonly successor: Successor;
  readonly publish: (event: TabEvent) => void;
  /** The node cannot go on: its storage is gone. */
  readonly onLost: (error: ParleyError) => void;
}

const MAX_NODES = 2_000;
const MIB = 1024 * 1024;
/**
 * A browser has less room than a machine, and shares it with other sites. Nobody has a link of its own to a tab, so that none is waited for; and
 * what a tab gives goes by servers, a third of what they take from a node that passes nothing on: the rest is for messages.
 */
const FILES = { maxAutoBytes: 128 * MIB, spareBytes: 32 * MIB, relayedBytesPerSecondInAll: 2 * MIB, directWaitMs: 0 };

/** The node of this browser while it runs: its store, its links, and what can be asked of it. */
export class Home {
  readonly service: NodeService;
  readonly files: TabFiles;
  readonly #node: Node;
  readonly #store: Store;
  readonly #servers: Servers;
  readonly #hub: EventHub;
  readonly #traffic: Traffic;
  readonly #views: Views;
  readonly #deps: HomeDeps;
  /** By neighbour: how far its clock is ahead of ours, where that is worth telling. */
  readonly #skews = new Map<string, number>();
  readonly #ends: (() => void)[] = [];

  private constructor(deps: HomeDeps, node: Node, store: Store, files: (service: FileService) => TabFiles) {
    const { clock, random, log, publish } = deps;
    this.#deps = deps;
    this.#node = node;
    this.#store = store;
    this.#views = new Views(node);
    this.#hub = new EventHub(node, log);
    this.#ends.push(this.#hub.subscribe((event: ApiEvent) => publish(this.files.told(event))));
    this.#traffic = new Traffic(node.links, clock, publish);
    this.#servers = new Servers({
      links: node.links,
      clock,
      random,
      log,
      changed: () => publish({ event: 'status' }),
    });
    this.service = new NodeService(node, {
      clock,
      tls: undefined,
      udp: undefined,
      http: undefined,
      connect: deps.servers,
      // A node in a page ends with its page.
      stop: () => {},
    });
    this.files = files(this.service.files);
    this.#ends.push(
      node.contacts.rotation.events.on('changed', () => publish({ event: 'rotation' })),
      node.channels.events.on('coming', ({ message }) => void this.#coming(message)),
      node.channels.events.on('lost', ({ message }) =>
        publish({ event: 'expired', channel_id: node.channels.archive.home(message.channelId), cursors: [message.cursor] }),
      ),
      node.links.events.on('skew', ({ link, ms }) => this.#skewed(link, ms)),
      node.links.events.on('up', ({ peer }) => this.#skews.delete(peer.nodeId)),
      node.links.events.on('down', ({ link, replaced }) => {
        if (!replaced) this.#skews.delete(link.peer.nodeId);
      }),
    );
    this.#servers.set(deps.servers);
  }

  /** Opens the store and starts the node. Errors: those of `openIdbStore` and of `createNode`. */
  static async open(deps: HomeDeps): Promise<Home> {
    const { clock, log } = deps;
    const store = await openIdbStore(deps.storeName, tables, { log, onLost: deps.onLost });
    try {
      const transports = [createWsTransport({ clock, log })];
      // By themselves: a first visit has no files yet.
      const [opfs, tabFiles] = await Promise.all([import('../files/opfs.ts'), import('../files/tab-files.ts')]);
      const drafts = new tabFiles.Drafts(deps.name);
      const files = await opfs.OpfsFiles.in(deps.storeName, () => drafts.copied());
      const ports: Ports = { clock, random: deps.random, crypto: deps.crypto, store, log, transports, ...(files ? { files } : {}) };
      const { identity, successor } = deps;
      const node = await createNode(ports, { identity, successor, nodeType: 'client', relays: false, files: FILES });
      const { publish } = deps;
      const { channels } = node;
      return new Home(deps, node, store, (service) => new tabFiles.TabFiles({ service, files, drafts, publish, clock, log, channels }));
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  /** Goes on with files that were being read, and with a change of keys, where an earlier page ended. */
  async resume(): Promise<void> {
    void this.files.resume();
    await this.#node.succession.resume().catch((error: unknown) => {
      this.#deps.log.error('the new key could not take over', { error: ParleyError.from(error).message });
    });
  }

  get servers(): ServerView[] {
    return this.#servers.views();
  }

  /** The median of what the neighbours say. */
  get clockSkewMs(): number | undefined {
    const all = [...this.#skews.values()].sort((a, b) => a - b);
    return all[Math.floor(all.length / 2)];
  }

  /** Of this node, for a backup. */
  get store(): Store {
    return this.#store;
  }

  get storeBytes(): number {
    return this.#store.size();
  }

  setServers(urls: readonly string[]): void {
    this.#servers.set(urls);
  }

  wake(): void {
    this.#servers.wake();
  }

  /** Whether anybody wants to see what goes over the links. */
  watchTraffic(wanted: boolean): void {
    this.#traffic.watch(wanted);
  }

  nodes(limit: number): KnownNode[] {
    const { overlay, links } = this.#node;
    const ways = overlay.destinations().flatMap((nodeId) => {
      const best = overlay.paths(nodeId)[0];
      return best ? [{ nodeId, best }] : [];
    });
    ways.sort((a, b) => a.best.hops - b.best.hops || a.best.latencyMs - b.best.latencyMs);
    return ways.slice(0, Math.min(Math.max(0, Math.floor(limit)), MAX_NODES)).map(({ nodeId, best }) => {
      const nodeType = links.get(nodeId)?.peer.nodeType;
      return {
        person: this.#views.person(nodeId),
        ...(nodeType === undefined ? {} : { nodeType }),
        hops: best.hops,
        latencyMs: best.latencyMs,
        reliability: best.reliability,
        via: best.neighbour,
      };
    });
  }

  safetyNumber(nodeId: string): string | undefined {
    if (nodeId === this.#node.identity.nodeId) return undefined;
    // Of a contact the key is known before its certificate comes.
    const key = this.#node.contacts.get(nodeId)?.keyId ?? this.#views.person(nodeId).key;
    const publicKey = key === undefined ? undefined : publicKeyOf(key);
    return publicKey && safetyNumber(this.#deps.crypto, this.#node.identity.publicKey, publicKey);
  }

  /** Says goodbye, writes what is not written, and closes the store. */
  async close(): Promise<void> {
    for (const end of this.#ends) end();
    this.files.close();
    this.#hub.close();
    this.#traffic.watch(false);
    await this.#servers.close();
    try {
      await this.#node.close();
    } finally {
      await this.#store.close();
    }
  }

  async #coming(message: Parameters<Views['message']>[0]): Promise<void> {
    const view = await this.#views.message(message, this.#views.channelName(message.channelId));
    this.#deps.publish({ event: 'coming', message: view });
  }

  #skewed({ peer }: Link, ms: number): void {
    this.#skews.set(peer.nodeId, ms);
    this.#deps.publish({ event: 'status' });
  }
}
