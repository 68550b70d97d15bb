import {
  type CertificateConfig,
  Certificates,
  certificateDefaults,
  certificateTables,
  certificateVerbs,
} from './features/certificates/index.ts';
import { type ChannelConfig, Channels, channelDefaults, channelTables, channelVerbs } from './features/channels/index.ts';
import { connectVerbs } from './features/connect/index.ts';
import { keyVerbs } from './features/keys/index.ts';
import { type NeighbourConfig, Neighbours, neighbourDefaults } from './features/neighbours/index.ts';
import { type AuthorityCertificate, type Certificate, CertificateReader, checkIssued, type Identity, KeyBook } from './identity/index.ts';
import { keepLink, type Link, type LinkConfig, Links, linkDefaults, linkVerbs, targetOf } from './link/index.ts';
import {
  Overlay,
  type OverlayConfig,
  overlayDefaults,
  overlayTables,
  overlayVerbs,
  type Path,
  type Records,
  rankPaths,
  UdpPort,
  type Whereabouts,
} from './overlay/index.ts';
import type { Ports, TableSpec } from './ports/index.ts';
import type { Awaitable } from './util/awaitable.ts';
import { ParleyError } from './util/errors.ts';
import { isGuid } from './util/guid.ts';
import { Metrics } from './util/metrics.ts';
import { VerbRegistry } from './wire/verb.ts';

export const VERSION = 'parley/0.1.0';

/** Every verb that this version knows. */
export const verbs = new VerbRegistry([...linkVerbs, ...overlayVerbs, ...channelVerbs, ...certificateVerbs, ...keyVerbs, ...connectVerbs]);

/** The tables that a node keeps: what its store is opened with. */
export const tables: readonly TableSpec[] = [...overlayTables, ...channelTables, ...certificateTables];

/** In channels up to this size everybody's certificate is fetched as they come. */
const MEET_MEMBERS = 20;

export interface NodeConfig {
  readonly identity: Identity;
  readonly nodeType: 'client' | 'server';
  /** Whether it passes on others' messages: servers and command-line nodes do. Default true. */
  readonly relays?: boolean;
  /** Trust mode `ca`: only nodes whose certificate one of these issued. Without: any node that proves its key. */
  readonly authorities?: readonly AuthorityCertificate[];
  readonly link?: Partial<LinkConfig>;
  readonly overlay?: Partial<OverlayConfig>;
  readonly channels?: Partial<ChannelConfig>;
  readonly certificates?: Partial<CertificateConfig>;
  readonly neighbours?: Partial<NeighbourConfig>;
  /** Where records of others come from. Without: there are none. */
  readonly records?: Records;
}

/** A participant in the network: everything, wired. */
export class Node {
  readonly identity: Identity;
  readonly nodeType: 'client' | 'server';
  readonly metrics = new Metrics();
  readonly links: Links;
  readonly udp: UdpPort;
  readonly overlay: Overlay;
  readonly channels: Channels;
  readonly certificates: Certificates;
  readonly neighbours: Neighbours;
  readonly #keys: KeyBook;
  readonly #records: Records | undefined;
  readonly #ports: Ports;
  readonly #linkConfig: LinkConfig;
  readonly #kept = new Map<string, { readonly nodeId: string | undefined; close(): Promise<void> }>();
  readonly #closing = new AbortController();

  constructor(ports: Ports, config: NodeConfig) {
    const { identity, nodeType } = config;
    const { metrics } = this;
    const relays = config.relays ?? true;
    const keys = new KeyBook(ports.crypto);
    const reader = new CertificateReader(ports.crypto);
    const distrust = trust(ports, config.authorities);
    this.#ports = ports;
    this.#keys = keys;
    this.#records = config.records;
    this.#linkConfig = { ...linkDefaults, ...config.link };
    this.identity = identity;
    this.nodeType = nodeType;
    this.links = new Links(
      { ports, local: { identity, nodeType, relays, version: VERSION }, keys, verbs, metrics, certificates: reader, admit: distrust },
      this.#linkConfig,
    );
    this.udp = new UdpPort(ports.datagrams, metrics);
    this.overlay = new Overlay(
      {
        ports,
        identity,
        keys,
        links: this.links,
        verbs,
        metrics,
        relays,
        concerns: (nodeId, destination) => this.channels.share(nodeId, destination),
        favoured: (destination, origin) => this.channels.share(destination, origin),
        record: (nodeId) => this.#records?.get(nodeId),
        seek: (nodeId) => this.#seek(nodeId),
      },
      { ...overlayDefaults, ...config.overlay },
    );
    this.neighbours = new Neighbours(
      {
        ports,
        links: this.links,
        metrics,
        self: identity.nodeId,
        server: nodeType === 'server' && relays,
        contacts: () => this.#records?.contacts() ?? [],
        endpoints: (nodeId) => this.#records?.get(nodeId)?.endpoints ?? [],
        seek: (nodeId) => this.#seek(nodeId),
        asked: (link) => this.#isKept(link),
        measured: (nodeId) => this.overlay.measured(nodeId),
      },
      { ...neighbourDefaults, ...config.neighbours },
    );
    this.channels = new Channels({ ports, identity, keys, overlay: this.overlay, metrics }, { ...channelDefaults, ...config.channels });
    this.certificates = new Certificates(
      {
        ports,
        identity,
        overlay: this.overlay,
        reader,
        distrust,
        judges: config.authorities !== undefined,
        favoured: (nodeId) => this.channels.share(nodeId, identity.nodeId),
      },
      { ...certificateDefaults, ...config.certificates },
    );
    metrics.gauge('store_bytes', () => ports.store.size());
  }

  /** Reads back what is kept and begins to take part. */
  async start(): Promise<void> {
    await this.overlay.start();
    await this.channels.start();
    // After the channels: whose certificates are worth keeping is known then.
    await this.certificates.start();
    this.links.events.on('up', (link) => {
      this.certificates.learn(link);
      this.channels.greet(link);
    });
    this.neighbours.start();
    this.overlay.events.on('delivery', ({ recipient, state }) => {
      // What asks for no RECEIPT, as in large channels, makes no direct link.
      if (state === 'delivered' || state === 'waiting') this.neighbours.wrote(recipient, state === 'waiting');
    });
    // A server shows nobody's name: it has no need of certificates.
    if (this.nodeType === 'server') return;
    // Where many are together, all asking all would be a storm: names are asked for when somebody wants to see them.
    const meet = (channelId: string, nodeId: string): void => {
      if (this.channels.isJoined(channelId) && this.channels.members(channelId).length <= MEET_MEMBERS && this.overlay.reaches(nodeId)) {
        this.certificates.fetch(nodeId);
      }
    };
    this.channels.events.on('member', ({ channelId, nodeId, joined }) => {
      if (joined) meet(channelId, nodeId);
    });
    this.overlay.events.on('presence', ({ nodeId, present }) => {
      if (present) for (const channelId of this.channels.shared(nodeId, this.identity.nodeId)) meet(channelId, nodeId);
    });
  }

  /** Listens. Returns the bound address. */
  listen(transport: string, address: string): Promise<string> {
    return this.links.listen(transport, address);
  }

  /** Takes part in what goes over UDP. Returns the bound address. Errors: `unsupported`, `in-use`, `unreachable`, `bad-argument`. */
  bindUdp(address: string): Promise<string> {
    return this.udp.bind(address);
  }

  /** Keeps a link to an address until the node closes or `disconnect` is called. */
  connect(transport: string, address: string): void {
    const key = `${transport} ${address}`;
    if (this.#kept.has(key)) return;
    const { clock, random, log } = this.#ports;
    this.#kept.set(key, keepLink({ links: this.links, clock, random, log }, this.#linkConfig, { transport, address }));
  }

  async disconnect(transport: string, address: string): Promise<void> {
    const key = `${transport} ${address}`;
    const kept = this.#kept.get(key);
    this.#kept.delete(key);
    await kept?.close();
  }

  /**
   * The record of a node, from the network; what is held here does where the network has none. `target`: a key id or node id. Errors:
   * `bad-argument`, `not-found`, `aborted`.
   */
  async find(target: string, signal?: AbortSignal): Promise<Whereabouts> {
    const { nodeId } = this.identify(target);
    const record = (await this.#records?.find(target, { signal, fresh: true })) ?? this.#records?.get(nodeId);
    if (!record) throw new ParleyError('not-found', 'no record of that key is known');
    this.overlay.learned(nodeId);
    return record;
  }

  /** The record of a node that is held here. */
  record(nodeId: string): Whereabouts | undefined {
    return this.#records?.get(nodeId);
  }

  /** Whom a key id or node id names. Errors: `bad-argument`. */
  identify(target: string): { readonly nodeId: string; readonly keyId?: string } {
    const lower = target.toLowerCase();
    if (isGuid(lower)) return { nodeId: lower };
    const known = this.#keys.resolve(target);
    if (!known) throw new ParleyError('bad-argument', 'neither a key id (key_…) nor a node id');
    return known;
  }

  /** All ways to a node that are known here, best first. `target`: a key id or node id. Errors: `bad-argument`. */
  paths(target: string): Path[] {
    const { nodeId } = this.identify(target);
    const endpoints = this.#records?.get(nodeId)?.endpoints ?? [];
    const open = endpoints.filter((endpoint) => targetOf(endpoint, this.#ports.transports) !== undefined);
    const reliability = this.neighbours.reliability(nodeId);
    return rankPaths(
      nodeId,
      this.overlay.paths(nodeId),
      open.map((endpoint) => ({ endpoint, reliability })),
    );
  }

  /** The name in a node's certificate; undefined while it is not known. */
  nameOf(nodeId: string): string | undefined {
    return nodeId === this.identity.nodeId ? this.identity.name : this.certificates.get(nodeId)?.name;
  }

  /** Says goodbye, writes what is not written, and stops. The store stays open: whoever opened it closes it. */
  async close(): Promise<void> {
    for (const kept of this.#kept.values()) await kept.close();
    this.#kept.clear();
    await this.neighbours.close();
    this.#closing.abort();
    await this.links.shutdown();
    await this.udp.close();
    await this.channels.close();
    await this.certificates.close();
    await this.overlay.close();
  }

  /** Whether `connect` keeps this link. */
  #isKept({ peer }: Link): boolean {
    return [...this.#kept.values()].some(({ nodeId }) => nodeId === peer.nodeId);
  }

  /** Looks for a record that something waits for. */
  #seek(nodeId: string): void {
    this.#records
      ?.find(nodeId, { signal: this.#closing.signal })
      .then((record) => {
        if (record && !this.#closing.signal.aborted) this.overlay.learned(nodeId);
      })
      .catch((error: unknown) => this.#ports.log.debug('a lookup failed', { error: ParleyError.from(error).message }));
  }
}

/** Assembles a node from the ports of its platform, and starts it. */
export async function createNode(ports: Ports, config: NodeConfig): Promise<Node> {
  const node = new Node(ports, config);
  await node.start();
  return node;
}

/** Judges certificates: by trust mode `ca` where there are authorities, else all are as good as the key in them. */
function trust(
  ports: Ports,
  authorities: readonly AuthorityCertificate[] | undefined,
): (certificate: Certificate | undefined) => Awaitable<string | undefined> {
  if (!authorities) return () => undefined;
  return async (certificate) => {
    if (!certificate) return 'this network admits only nodes with a certificate of its authority';
    try {
      await checkIssued(ports.crypto, certificate, authorities, ports.clock.now());
      return undefined;
    } catch (error) {
      if (error instanceof ParleyError && error.code === 'bad-certificate') return error.message;
      throw error;
    }
  };
}
