import {
  type ChannelEvents,
  createIdentity,
  createNode,
  type Identity,
  loadDht,
  loadGroups,
  loadMaking,
  loadServing,
  loadStun,
  type Node,
  type NodeConfig,
  tables,
} from '@parley/core';
import { createCrypto } from '@parley/host';
import { type SimPorts, World, type WorldOptions } from '@parley/sim';
import { undeclared } from './declared.ts';

/** A node of a simulated network, and what its user was shown. */
export interface Participant {
  readonly host: string;
  readonly identity: Identity;
  readonly node: Node;
  readonly ports: SimPorts;
  /** In the order in which it was shown, over all of its lives. */
  readonly shown: ChannelEvents['message'][];
  readonly gaps: ChannelEvents['gap'][];
}

export type ParticipantConfig = Partial<Omit<NodeConfig, 'identity'>> & {
  readonly listen?: boolean;
  /** Binds UDP on port 4000. The host is to be named by an IP address. */
  readonly udp?: boolean;
  readonly skewMs?: number;
  /** Another identity than the one that belongs to the host. */
  readonly as?: Identity;
};

const CRYPTO = createCrypto();

/** Whole nodes on the simulator: what scenarios are told with. */
export class Network {
  readonly world: World;
  readonly #participants = new Map<string, Participant>();
  readonly #configs = new Map<string, ParticipantConfig>();
  readonly #dials = new Map<string, string[]>();
  readonly #running = new Set<string>();
  /** What nodes said beyond what verbs declare. */
  readonly #excess = new Set<string>();

  constructor(options: Partial<WorldOptions> & { seed: string }) {
    this.world = new World({ crypto: CRYPTO, ...options });
    this.world.network.onFrame(({ kind, bytes, from }) => {
      if (kind !== 'message' || !this.#participants.has(from)) return undefined;
      for (const path of undeclared(JSON.parse(Buffer.from(bytes).toString()))) this.#excess.add(`${from}: ${path} is not declared`);
      return undefined;
    });
  }

  get(host: string): Participant {
    const found = this.#participants.get(host);
    if (!found) throw new Error(`no participant ${host}`);
    return found;
  }

  all(): Participant[] {
    return [...this.#participants.values()];
  }

  isRunning(host: string): boolean {
    return this.#running.has(host);
  }

  idOf(host: string): string {
    return this.get(host).identity.nodeId;
  }

  /** A server that listens at `HOST:4000`. */
  server(host: string, config: ParticipantConfig = {}): Promise<Participant> {
    return this.add(host, { nodeType: 'server', listen: true, ...config });
  }

  client(host: string, config: ParticipantConfig = {}): Promise<Participant> {
    return this.add(host, { nodeType: 'client', ...config });
  }

  async add(host: string, config: ParticipantConfig): Promise<Participant> {
    // Loading takes real time, of which the world knows nothing.
    await Promise.all([loadGroups(), loadDht(), loadServing(), loadMaking(), loadStun()]);
    const { world } = this;
    const identity = config.as ?? (await this.identity(host));
    const skewMs = config.skewMs ?? 0;
    const ports = world.ports(host, { tables, certificate: identity.certificate, skewMs, log: 'collected' });
    this.#configs.set(host, config);
    return this.#run(host, identity, ports, [], []);
  }

  /** The identity that belongs to a name in this world, whether or not a node uses it. */
  async identity(name: string): Promise<Identity> {
    const { world } = this;
    const seed = world.crypto.sha256(new TextEncoder().encode(`${world.seed} ${name}`));
    const deps = { crypto: world.crypto, random: world.random.fork(name), clock: world.clock.view() };
    return (await createIdentity(deps, { name, seed })).identity;
  }

  async #run(
    host: string,
    identity: Identity,
    ports: SimPorts,
    shown: Participant['shown'],
    gaps: Participant['gaps'],
  ): Promise<Participant> {
    const config = this.#configs.get(host) ?? {};
    this.#running.add(host);
    const node = await this.world.until(
      createNode(ports, { nodeType: 'client', ...config, identity: this.world.signing(host, ports, identity) }),
    );
    node.channels.events.on('message', (event) => shown.push(event));
    node.channels.events.on('gap', (event) => gaps.push(event));
    const participant = { host, identity, node, ports, shown, gaps };
    this.#participants.set(host, participant);
    if (config.listen) await this.world.until(node.listen('memory', `${host}:4000`));
    if (config.udp) await this.world.until(node.bindUdp(`${host}:4000`));
    for (const target of this.#dials.get(host) ?? []) node.connect('memory', `${target}:4000`);
    return participant;
  }

  /** `from` keeps a link to `to`, over all of its lives. */
  link(from: string, to: string): void {
    this.#dials.set(from, [...(this.#dials.get(from) ?? []), to]);
    this.get(from).node.connect('memory', `${to}:4000`);
  }

  /** `kill -9`; see `World.crash`. */
  crash(host: string, options: { silent?: boolean; written?: boolean } = {}): void {
    this.get(host);
    this.#running.delete(host);
    this.world.crash(host, options);
  }

  /** From its next start on a host runs another identity, on the same disk. */
  become(host: string, identity: Identity): void {
    this.#participants.set(host, { ...this.get(host), identity });
  }

  async restart(host: string): Promise<Participant> {
    const { identity, shown, gaps } = this.get(host);
    return this.#run(host, identity, this.world.restart(host, { certificate: identity.certificate }), shown, gaps);
  }

  /** Closes a node as SIGTERM does. Returns the timers that it left behind: none, if all is well. */
  async stop(host: string): Promise<number> {
    await this.world.until(this.get(host).node.close());
    this.#running.delete(host);
    return this.world.stopped(host);
  }

  /** Creates a channel at one node and lets others join it once they know it. Returns its id. */
  async channel(name: string, owner: string, ...members: string[]): Promise<string> {
    const { id } = await this.world.until(this.get(owner).node.channels.create(name));
    for (const host of members) await this.join(id, host);
    const all = [owner, ...members];
    await this.world.runUntil(() => all.every((host) => this.get(host).node.channels.members(id).length >= all.length), {
      limitMs: 120_000,
      what: 'that all know all members',
    });
    return id;
  }

  /** Lets a node join a channel as soon as it knows it. */
  async join(id: string, host: string): Promise<void> {
    const { channels } = this.get(host).node;
    await this.world.runUntil(() => this.knows(host, id), { limitMs: 60_000, what: `that ${host} knows the channel` });
    await this.world.until(channels.join(id));
  }

  knows(host: string, id: string): boolean {
    return this.get(host)
      .node.channels.list()
      .some((channel) => channel.id === id);
  }

  send(host: string, channel: string, text: string) {
    return this.world.until(this.get(host).node.channels.send(channel, text));
  }

  /** Texts that a node's user was shown in a channel, its own included, in order. */
  texts(host: string): string[] {
    return this.get(host).shown.map((event) => event.message.text);
  }

  /** Texts of one sender that a node's user was shown. */
  textsFrom(host: string, sender: string): string[] {
    const { nodeId } = this.get(sender).identity;
    return this.get(host).shown.flatMap((event) => (event.message.sender === nodeId ? event.message.text : []));
  }

  /** Texts in a node's history, in its order: what its user finds after a start. */
  async history(host: string, channel: string): Promise<string[]> {
    const page = await this.world.until(this.get(host).node.channels.archive.history(channel, { limit: 100_000 }));
    return page.map((message) => message.text);
  }

  /** Whether there is a route from one to the other. */
  reaches(from: string, to: string): boolean {
    return this.get(from).node.overlay.reaches(this.idOf(to));
  }

  /** What nodes logged as errors, and what they said that no verb declares. */
  errors(): string[] {
    const logged = this.world.logs
      .entries({ level: 'error' })
      .map(({ host, message, fields }) => `${host}: ${message} ${JSON.stringify(fields)}`);
    return [...logged, ...this.#excess];
  }
}
