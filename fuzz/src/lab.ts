import {
  type AnyVerb,
  base64,
  CHANNEL,
  type Connection,
  composeMessage,
  createIdentity,
  createNode,
  encodeCompact,
  FLEETING,
  guidFromDigest,
  HELLO,
  type Identity,
  type JsonObject,
  loadDht,
  loadMaking,
  loadServing,
  loadStun,
  MESSAGE,
  type Message,
  type Metrics,
  type Node,
  type NodeConfig,
  ParleyError,
  SEALED,
  sealJwe,
  signJws,
  tables,
  timestamp,
} from '@parley/core';
import { createCrypto } from '@parley/host';
import { type SeededRandom, World } from '@parley/sim';
import { Circuit } from './circuit.ts';
import { type Known, mutate, type Schema, sample } from './generate.ts';
import { Honest } from './honest.ts';
import { Knock } from './knock.ts';

/** Far above what any input reaches: here it is what happens below the quotas that counts. */
const NO_LIMIT = 1e12;
/** Somebody who says to the node whatever they are told to. */
interface Stranger {
  readonly identity: Identity;
  readonly host: string;
  connection: Connection | undefined;
  /** Where what is inside of circuits is said. */
  readonly circuit: Circuit;
}

export interface Input {
  readonly text: string;
  readonly by: Stranger;
  /** Said inside a circuit, rather than on the link. */
  readonly inCircuit?: boolean;
  /** How long to wait now and then for the quota of the verb. */
  readonly pauseMs: number;
}

/** The kind of transfers that the node takes. */
const KIND = 'fuzz';

/** A node with real state (a channel, a friend, messages), and strangers who say to it whatever they are told to. */
export class Lab {
  readonly world: World;
  readonly #node: Node;
  readonly #friend: Node;
  readonly #known: Known;
  readonly #channelId: string;
  readonly #strangers: Stranger[] = [];
  readonly #honest: Honest;
  #said = 0;
  #knocks = 0;

  private constructor(world: World, node: Node, friend: Node, channelId: string) {
    this.world = world;
    this.#node = node;
    this.#friend = friend;
    this.#channelId = channelId;
    const honest = new Honest(world, [node, friend]);
    this.#honest = honest;
    this.#known = {
      get guids() {
        return [...honest.ids, node.identity.nodeId, friend.identity.nodeId, channelId];
      },
      keys: [node.identity.keyId, friend.identity.keyId],
      newGuid: () => {
        const { random } = world;
        return `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-8${hex(random, 3)}-${hex(random, 12)}`;
      },
      now: () => timestamp(world.clock.now() + Math.round((world.random.number() - 0.5) * 2e6)),
    };
  }

  static async create(seed: string): Promise<Lab> {
    // Loading takes real time, of which the world knows nothing.
    await Promise.all([loadDht(), loadServing(), loadMaking(), loadStun()]);
    const world = new World({ seed, crypto: createCrypto() });
    // Of each kind: the node passes on others' messages as a rule, and keeps more for them when it is a server.
    const nodeType = world.random.chance(0.3) ? 'server' : 'client';
    const relays = nodeType === 'server' || world.random.chance(0.8);
    const start = async (host: string, kind: Pick<NodeConfig, 'nodeType' | 'relays'>): Promise<Node> => {
      const identity = await newIdentity(world, host);
      const ports = world.ports(host, { tables, certificate: identity.certificate, log: 'collected' });
      const limits = { banScore: NO_LIMIT, clientRate: NO_LIMIT, relayRate: NO_LIMIT, maxPerAddress: NO_LIMIT };
      const node = await world.until(createNode(ports, { identity, ...kind, link: limits, circuits: { serves: true } }));
      await world.until(node.listen('memory', `${host}:4000`));
      return node;
    };
    const node = await start('target', { nodeType, relays });
    node.links.handleTransfers(KIND, () => ({ data: () => undefined, closed: () => {} }));
    const friend = await start('friend', { nodeType: 'client' });
    node.connect('memory', 'friend:4000');
    await world.runUntil(() => node.links.size === 1);
    const { id } = await world.until(friend.channels.create('lobby'));
    await world.runUntil(() => node.channels.list().length > 0);
    await world.until(node.channels.join(id));
    await world.advance(5000);
    await world.until(node.channels.send(id, 'hello'));
    const lab = new Lab(world, node, friend, id);
    for (const host of ['mallory', 'trudy']) {
      const identity = await newIdentity(world, host);
      lab.#strangers.push({ host, identity, connection: undefined, circuit: new Circuit(world, node.identity, identity.nodeId) });
    }
    for (const { host, identity } of lab.#strangers) world.ports(host, { tables: [], certificate: identity.certificate });
    return lab;
  }

  /** What the node under test counted. */
  get metrics(): Metrics {
    return this.#node.metrics;
  }

  /** One message of a verb, altered in places; most of them signed by the stranger after that, so that they get past the signature. */
  async input(verb: AnyVerb, random: SeededRandom): Promise<Input> {
    const stranger = random.pick(this.#strangers);
    let data = sample(verb.spec.data as Schema, random, this.#known) as JsonObject;
    if (random.chance(0.7)) data = await this.#fit(verb, data, stranger.identity, random);
    for (let i = random.integer(3); i > 0; i--) data = mutate(data, random) as JsonObject;
    const sealed = verb.spec.reach === 'sealed' || (verb.spec.alsoSealed && random.chance(0.5));
    if (sealed) return { text: await this.#sealed(stranger.identity, verb, data), by: stranger, pauseMs: 1000 };
    if (verb.spec.reach === 'circuit') {
      const text = JSON.stringify({ msg_type: verb.name, msg_data: data });
      return { text, by: stranger, inCircuit: true, pauseMs: 1000 };
    }
    const isObject = typeof data === 'object' && data !== null && !Array.isArray(data);
    const message: JsonObject =
      isObject && random.chance(0.8)
        ? await this.#compose(stranger.identity, verb, data)
        : { ttl: verb.spec.ttl, flood: verb.spec.reach === 'flood', msg_type: verb.name, msg_data: data };
    if (random.chance(0.2)) message.ttl = random.pick([0, -1, 1, 64, 65, 2 ** 53 - 1]);
    const altered = random.chance(0.2) ? mutate(message, random) : message;
    // Others' words come over a neighbour too.
    const by = random.chance(0.2) ? random.pick(this.#strangers) : stranger;
    return { text: JSON.stringify(altered) ?? 'null', by, pauseMs: verb.spec.rate.perSecond < 1000 ? 1000 : 20 };
  }

  /** Says it to the node. */
  async say({ text, by, inCircuit, pauseMs }: Input, random: SeededRandom): Promise<void> {
    if (!by.connection) by.connection = await this.#dial(by);
    try {
      if (inCircuit) await by.circuit.say(by.connection, text);
      else by.connection.send(text);
      if (random.chance(0.05)) by.connection.sendData(2 * random.integer(8), random.bytes(random.integer(3000)));
    } catch (error) {
      // What is too large for a frame cannot be said at all.
      if (!(error instanceof ParleyError)) throw error;
    }
    // Now and then time goes by: what was said is settled, and quotas fill up again.
    if (++this.#said % 32 === 0) await this.world.advance(pauseMs);
    this.#honest.checkSaid();
    if (this.#said % 256 === 0)
      await this.world.until(this.#node.channels.send(this.#channelId, `message ${this.#said}`), { limitMs: 60_000 });
    if (this.#said % 1024 === 0) await this.world.advance(60_000);
  }

  /** A connection of somebody whom nobody knows yet. */
  async knock(random: SeededRandom, certified: boolean): Promise<Knock> {
    const host = `knocker-${this.#knocks++ % 50}`;
    const identity = await newIdentity(this.world, host);
    // Without one of its own, whatever the host had before: the network keeps certificates by host.
    const name = certified ? host : `bare-${host}`;
    const transport = this.world.network.transport(name, certified ? { certificate: identity.certificate } : {});
    const connection = await this.world.until(transport.dial('target:4000', new AbortController().signal));
    return new Knock(this.world, identity, connection, random);
  }

  /** Throws when the nodes are not what they were: an internal error, a bound passed, blame for one another, no answer. */
  async check(): Promise<void> {
    await this.world.advance(1000);
    this.#honest.check();
    await this.world.until(this.#node.channels.send(this.#channelId, 'still here'), { limitMs: 60_000 });
  }

  /** What belongs together fits together: so it gets further. */
  async #fit(verb: AnyVerb, data: JsonObject, identity: Identity, random: SeededRandom): Promise<JsonObject> {
    const fitting: JsonObject = { ...data };
    if ('node_id' in data) fitting.node_id = identity.nodeId;
    if ('src_node_id' in data) fitting[data.dst === '' ? 'src_node_id' : 'dst_node_id'] = identity.nodeId;
    if ('channel_id' in data) fitting.channel_id = this.#channelId;
    if ('recipient_id' in data) fitting.recipient_id = random.pick([this.#node, this.#friend]).identity.nodeId;
    if ('certificate' in data) fitting.certificate = base64(identity.certificate);
    if ('kind' in data) fitting.kind = KIND;
    if ('transfer' in data) fitting.transfer = 2 * random.integer(8);
    if ('messages' in data) fitting.messages = await Promise.all([1, 2, 3].map(async () => (await this.#signed(identity, random)).message));
    if (verb === CHANNEL && random.chance(0.5)) {
      const nonce = base64(random.bytes(32));
      Object.assign(fitting, {
        creator: identity.keyId,
        nonce,
        channel_id: guidFromDigest(this.world.crypto.sha256(Buffer.from(`parley/channel/1\n${identity.keyId}\n${nonce}`))),
      });
    }
    if (verb !== MESSAGE) return fitting;
    const { payload, message } = await this.#signed(identity, random);
    const { msg_id, node_id, channel_id, timestamp: time } = payload;
    const recipient = random.shuffle([this.#node, this.#friend]).slice(random.integer(2));
    return {
      ...fitting,
      msg_id,
      node_id,
      channel_id,
      timestamp: time,
      message,
      recipient: recipient.map((node) => ({ node_id: node.identity.nodeId })),
    };
  }

  /** Inside SEALED, or FLEETING, for the node alone: as it was made, whatever is wrong with it. */
  async #sealed(identity: Identity, verb: AnyVerb, data: JsonObject): Promise<string> {
    const msgId = typeof data?.msg_id === 'string' ? data.msg_id : this.#known.newGuid();
    const about = { nodeId: identity.nodeId, msgId };
    const jwe = await sealJwe({ crypto: this.world.crypto, random: this.world.random }, this.#node.identity, about, {
      msg_type: verb.name,
      msg_data: data,
    });
    const recipient = [{ node_id: this.#node.identity.nodeId }];
    const envelope = { msg_id: msgId, node_id: identity.nodeId, recipient, sealed: encodeCompact(jwe) };
    return JSON.stringify(await this.#compose(identity, verb.spec.fleeting === true ? FLEETING : SEALED, envelope));
  }

  async #signed(identity: Identity, random: SeededRandom) {
    const payload = {
      msg_id: this.#known.newGuid(),
      node_id: identity.nodeId,
      channel_id: this.#channelId,
      timestamp: timestamp(this.world.clock.now()),
      text: 'fuzz',
      attachments: [],
      seq: 1 + random.integer(5000),
    };
    const altered = random.chance(0.2) ? (mutate(payload, random) as JsonObject) : payload;
    return { payload, message: Buffer.from(await signJws(identity, altered)).toString('base64') };
  }

  async #compose(identity: Identity, verb: AnyVerb, data: JsonObject): Promise<JsonObject> {
    try {
      const message = await composeMessage(identity, verb, data, this.world.clock.now());
      return { ...message } as unknown as JsonObject;
    } catch {
      // What has no canonical form cannot be signed.
      return { ttl: verb.spec.ttl, flood: verb.spec.reach === 'flood', msg_type: verb.name, msg_data: data };
    }
  }

  async #dial(stranger: Stranger): Promise<Connection> {
    const transport = this.world.network.transport(stranger.host, { certificate: stranger.identity.certificate });
    const connection = await this.world.until(transport.dial('target:4000', new AbortController().signal));
    connection.attach({
      message: (json) => stranger.circuit.heard(JSON.parse(Buffer.from(json).toString()) as Message),
      data() {},
      keepAlive: () => connection.keepAlive(),
      drain() {},
      closed() {
        stranger.connection = undefined;
      },
    });
    const attributes = { node_type: 'server', relays: '1' };
    const hello = { node_id: stranger.identity.nodeId, version: 'fuzz', attributes };
    connection.send(JSON.stringify({ ttl: 1, flood: false, msg_type: HELLO.name, msg_data: hello }));
    await this.world.advance(500);
    return connection;
  }
}

async function newIdentity(world: World, host: string): Promise<Identity> {
  const seed = world.crypto.sha256(new TextEncoder().encode(`${world.seed} ${host}`));
  const deps = { crypto: world.crypto, random: world.random.fork(host), clock: world.clock.view() };
  return (await createIdentity(deps, { name: host, seed })).identity;
}

function hex(random: SeededRandom, length: number): string {
  return Array.from({ length }, () => random.integer(16).toString(16)).join('');
}
