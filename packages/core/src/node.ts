import { verbs } from './catalogue.ts';
import { readRestored } from './features/backup/index.ts';
import { Certificates, certificateDefaults } from './features/certificates/index.ts';
import { Channels, channelDefaults } from './features/channels/index.ts';
import type { Circuits } from './features/circuits/index.ts';
import type { Connect } from './features/connect/index.ts';
import { Contacts, contactDefaults } from './features/contacts/index.ts';
import type { Devices } from './features/devices/index.ts';
import { DirectMessages, directDefaults } from './features/direct/index.ts';
import { Discovery, discoveryDefaults } from './features/discovery/index.ts';
import type { FileSharing } from './features/files/index.ts';
import type { Neighbours } from './features/neighbours/index.ts';
import type { Presence } from './features/presence/index.ts';
import { Registry, registryDefaults } from './features/registry/index.ts';
import { Rejoin, rejoinDefaults } from './features/rejoin/index.ts';
import { UserSettings } from './features/settings/index.ts';
import { Stun, stunDefaults } from './features/stun/index.ts';
import { CertificateReader, type Identity, KeyBook, trust } from './identity/index.ts';
import { keepLink, type Link, type LinkConfig, Links, linkDefaults, OwnEndpoints } from './link/index.ts';
import { circuitOffers, createCircuits, createFinder, hiddenCertificate, mayBeDialled, wireCircuits } from './node-circuits.ts';
import type { NodeConfig } from './node-config.ts';
import { channelHooks, contactHooks, converseWithContacts, createFiles, createPresence, isTrusted } from './node-conversations.ts';
import { createDevices, DeviceWiring, inheritDevices } from './node-devices.ts';
import { createConnect, createNeighbours, mayBeLinked, wireLinks } from './node-links.ts';
import { meetMembers } from './node-names.ts';
import { type Finder, Overlay, overlayDefaults, type Path, UdpPort, type Whereabouts } from './overlay/index.ts';
import type { Ports } from './ports/index.ts';
import { Succession } from './succession.ts';
import { closeInTurn } from './util/close-in-turn.ts';
import { Metrics } from './util/metrics.ts';

export const VERSION = 'parley/0.1.0';

/** A participant in the network: everything, wired. */
export class Node {
  readonly identity: Identity;
  readonly nodeType: 'client' | 'server';
  readonly metrics = new Metrics();
  readonly links: Links;
  /** Where others can reach this node. */
  readonly endpoints: OwnEndpoints;
  readonly udp: UdpPort;
  readonly stun: Stun;
  readonly discovery: Discovery;
  /** Not started by itself: a tab has its own list of servers. */
  readonly rejoin: Rejoin;
  readonly overlay: Overlay;
  readonly channels: Channels;
  readonly certificates: Certificates;
  readonly contacts: Contacts;
  readonly devices: Devices;
  readonly direct: DirectMessages;
  readonly connecting: Connect;
  readonly neighbours: Neighbours;
  readonly finder: Finder;
  readonly registry: Registry;
  readonly files: FileSharing;
  readonly circuits: Circuits;
  readonly succession: Succession;
  readonly settings: UserSettings;
  readonly presence: Presence;
  readonly #ports: Ports;
  readonly #linkConfig: LinkConfig;
  readonly #deviceWiring: DeviceWiring;
  readonly #kept = new Map<string, { readonly nodeId: string | undefined; close(): Promise<void> }>();

  constructor(ports: Ports, config: NodeConfig) {
    const { identity, nodeType, relays = true } = config;
    const { metrics } = this;
    const keys = new KeyBook(ports.crypto);
    const reader = new CertificateReader(ports.crypto);
    const distrust = trust({ crypto: ports.crypto, clock: ports.clock }, config.authorities);
    this.#ports = ports;
    this.#linkConfig = { ...linkDefaults, ...config.link };
    this.identity = identity;
    this.nodeType = nodeType;
    this.endpoints = new OwnEndpoints({ advertise: config.advertise, guesses: nodeType === 'server' });
    const local = { identity, nodeType, relays, version: VERSION, offers: circuitOffers(config), listens: () => this.endpoints.listens() };
    this.links = new Links({ ports, local, keys, verbs, metrics, certificates: reader, admit: distrust }, this.#linkConfig);
    this.udp = new UdpPort(ports.datagrams, metrics);
    this.stun = new Stun({ ports, udp: this.udp, metrics }, { ...stunDefaults, ...config.stun });
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
        favoured: (destination, origin) =>
          this.channels.share(destination, origin) ||
          (destination === identity.nodeId && this.contacts.isContact(this.devices.personOf(origin))),
        record: (nodeId) => this.finder.record(nodeId),
        seek: (nodeId) => this.finder.seek(nodeId),
      },
      { ...overlayDefaults, ...config.overlay },
    );
    this.connecting = createConnect(ports, this, reader, config.connect);
    this.neighbours = createNeighbours(ports, this, relays, config.neighbours);
    this.settings = new UserSettings(ports.store, (error) => ports.log.error('a listener failed', { error: String(error) }));
    const target = (nodeId: string) => this.certificates.target(nodeId);
    this.channels = new Channels(
      { ports, identity, keys, overlay: this.overlay, metrics, ...channelHooks(() => this) },
      { ...channelDefaults, ...config.channels },
    );
    this.certificates = new Certificates(
      {
        ports,
        identity,
        overlay: this.overlay,
        reader,
        distrust,
        judges: config.authorities !== undefined,
        favoured: (id) => this.channels.share(id, identity.nodeId) || this.contacts.get(this.devices.personOf(id)) !== undefined,
        shows: (id) => config.registry?.listed !== false || isTrusted(this, id),
        hidden: (id) => hiddenCertificate(this, id),
      },
      { ...certificateDefaults, ...config.certificates },
    );
    this.contacts = new Contacts(
      { ports, identity, keys, overlay: this.overlay, metrics, ...contactHooks(() => this) },
      { ...contactDefaults, ...config.contacts },
    );
    this.devices = createDevices(
      { ports, identity, keys, overlay: this.overlay, metrics, target },
      () => ({ ...this, ports }),
      config.devices,
    );
    this.direct = new DirectMessages(
      {
        ports,
        identity,
        keys,
        overlay: this.overlay,
        target,
        contact: (id) => this.contacts.get(id),
        formerKeys: () => [...this.contacts.rotation.formerKeys, ...this.devices.formerPersons],
        devices: this.devices,
        met: (node) => this.devices.remind(node),
        conversations: this.channels,
      },
      { ...directDefaults, ...config.direct },
    );
    this.channels.sealWith('direct', this.direct.sealing);
    this.presence = createPresence(ports, this, config.presence);
    this.#deviceWiring = new DeviceWiring({ ...this, ports });
    this.discovery = new Discovery(
      { ports, identity, keys, links: this.links, metrics, nodeType },
      { ...discoveryDefaults, ...config.discovery },
    );
    const kept = (transport: string, address: string): boolean => this.#kept.has(`${transport} ${address}`);
    this.rejoin = new Rejoin({ ports, links: this.links, metrics, kept }, { ...rejoinDefaults, ...config.rejoin });
    this.registry = new Registry(
      { ports, identity, nodeType, keys, links: this.links, overlay: this.overlay, endpoints: this.endpoints, udp: this.udp, metrics },
      { ...registryDefaults, ...config.registry },
    );
    this.circuits = createCircuits(ports, this, config, keys);
    this.finder = createFinder(ports, this, config, keys);
    this.files = createFiles(ports, this, config.files);
    this.succession = new Succession(this, config.successor);
    metrics.gauge('store_bytes', () => ports.store.size());
  }

  /** Reads back what is kept and begins to take part. */
  async start(): Promise<void> {
    await this.settings.start();
    await this.overlay.start();
    await this.devices.load();
    await this.channels.start((await readRestored(this.#ports.store)) !== undefined);
    await this.contacts.start();
    await inheritDevices(this);
    await this.direct.start(this.contacts.list());
    // After the channels and contacts: whose certificates are worth keeping is known then.
    await this.certificates.start();
    await this.stun.start();
    await this.registry.start();
    await this.files.start();
    this.links.events.on('up', (link) => {
      this.endpoints.linked(link);
      this.certificates.learn(link);
      this.channels.greet(link);
    });
    this.certificates.events.on('learnt', ({ nodeId, name }) => this.contacts.named(nodeId, name));
    converseWithContacts(this);
    this.#deviceWiring.start();
    this.presence.start();
    await wireCircuits(this);
    wireLinks(this);
    this.registry.events.on('record', ({ record }) => this.overlay.learned(record.nodeId));
    this.neighbours.start();
    this.overlay.events.on('delivery', ({ recipient, state }) => {
      // What asks for no RECEIPT, as in large channels, makes no direct link.
      if ((state === 'delivered' || state === 'waiting') && mayBeLinked(this, recipient))
        this.neighbours.wrote(recipient, state === 'waiting');
    });
    if (this.nodeType === 'client') meetMembers(this);
  }

  /** Listens. Returns the bound address. */
  async listen(transport: string, address: string): Promise<string> {
    const bound = await this.links.listen(transport, address);
    // A WebSocket listener speaks HTTP in the clear or under names that it does not know: only what is advertised leads there.
    if (transport !== 'ws') this.endpoints.bound(transport, bound);
    return bound;
  }

  /** Takes part in what goes over UDP. Returns the bound address. Errors: `unsupported`, `in-use`, `unreachable`, `bad-argument`. */
  async bindUdp(address: string): Promise<string> {
    const bound = await this.udp.bind(address);
    this.endpoints.bound('udp', bound);
    this.registry.udpBound();
    return bound;
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
    this.rejoin.forget(transport, address);
    await kept?.close();
  }

  /** See `Finder.find`. */
  find(target: string, signal?: AbortSignal): Promise<Whereabouts> {
    return this.finder.find(target, signal);
  }

  /** See `Finder.paths`. */
  paths(target: string): Path[] {
    return this.finder.paths(target);
  }

  /** Whether what is between this node and another goes by circuit. */
  isHidden(nodeId: string): boolean {
    return !mayBeDialled(this, nodeId);
  }

  /** The name in a node's certificate; undefined while it is not known. */
  nameOf(nodeId: string): string | undefined {
    return nodeId === this.identity.nodeId || this.contacts.rotation.isFormer(nodeId)
      ? this.identity.name
      : this.certificates.get(nodeId)?.name;
  }

  /** Says goodbye, writes what is not written, and stops. The store stays open: whoever opened it closes it. */
  async close(): Promise<void> {
    const [links, targets] = [{ close: () => this.links.shutdown() }, { close: () => this.certificates.giveUp() }];
    const meeting = [...this.#kept.values(), this.neighbours, this.connecting, this.finder, this.discovery, this.rejoin];
    const asking = [this.circuits, this.stun, this.registry, this.files, this.udp, this.#deviceWiring];
    const talking = [this.presence, this.contacts, this.direct, this.channels, this.certificates, this.overlay];
    // One that cannot write what it has keeps none of the others open: neighbours, above all, are to hear of it.
    await closeInTurn([...meeting, links, targets, ...asking, ...talking]);
  }

  /** Whether `connect` keeps this link. */
  keeps({ peer }: Link): boolean {
    return [...this.#kept.values()].some(({ nodeId }) => nodeId === peer.nodeId);
  }
}

/** Assembles a node from the ports of its platform, and starts it. */
export async function createNode(ports: Ports, config: NodeConfig): Promise<Node> {
  const node = new Node(ports, config);
  await node.start();
  return node;
}
