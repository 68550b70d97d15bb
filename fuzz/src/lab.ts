import {
  type AnyVerb,
  type Connection,
  composeMessage,
  createIdentity,
  createNode,
  HELLO,
  type Identity,
  type JsonObject,
  MESSAGE,
  type Node,
  ParleyError,
  signJws,
  tables,
  timestamp,
} from '@parley/core';
import { createCrypto } from '@parley/host';
import { type SeededRandom, World } from '@parley/sim';
import { type Known, mutate, type Schema, sample } from './generate.ts';

/** Far above what any input reaches: here it is what happens below the quotas that counts. */
const NO_LIMIT = 1e12;
/** What a node may hold, by gauge, after any number of inputs. */
const BOUNDS: Readonly<Record<string, number>> = {
  links: 8,
  links_opening: 1100,
  custody_messages: 210_000,
  routes: 3000,
  known_nodes: 20_000,
  seen_floods: 200_000,
  channels: 2000,
};

/** A node with real state (a channel, a friend, messages), and strangers who say to it whatever they are told to. */
export class Lab {
  readonly world: World;
  readonly random: SeededRandom;
  readonly #node: Node;
  readonly #known: Known;
  readonly #channelId: string;
  readonly #strangers: { readonly identity: Identity; readonly host: string; connection: Connection | undefined }[] = [];
  #sent = 0;

  private constructor(world: World, node: Node, friend: Node, channelId: string) {
    this.world = world;
    this.random = world.random;
    this.#node = node;
    this.#channelId = channelId;
    this.#known = {
      guids: [node.identity.nodeId, friend.identity.nodeId, channelId],
      keys: [node.identity.keyId, friend.identity.keyId],
      newGuid: () =>
        `${hex(this.random, 8)}-${hex(this.random, 4)}-4${hex(this.random, 3)}-8${hex(this.random, 3)}-${hex(this.random, 12)}`,
      now: () => timestamp(world.clock.now() + Math.round((this.random.number() - 0.5) * 2e6)),
    };
  }

  static async create(seed: string): Promise<Lab> {
    const world = new World({ seed, crypto: createCrypto() });
    const start = async (host: string, nodeType: 'client' | 'server'): Promise<Node> => {
      const identity = await newIdentity(world, host);
      const ports = world.ports(host, { tables, certificate: identity.certificate, log: 'collected' });
      const limits = { banScore: NO_LIMIT, clientRate: NO_LIMIT, relayRate: NO_LIMIT, maxPerAddress: NO_LIMIT };
      const node = await world.until(createNode(ports, { identity, nodeType, link: limits }));
      await world.until(node.listen('memory', `${host}:4000`));
      return node;
    };
    const node = await start('target', 'client');
    const friend = await start('friend', 'client');
    node.connect('memory', 'friend:4000');
    await world.runUntil(() => node.links.size === 1);
    const { id } = await world.until(friend.channels.create('lobby'));
    await world.runUntil(() => node.channels.list().length > 0);
    await world.until(node.channels.join(id));
    await world.advance(5000);
    await world.until(node.channels.send(id, 'hello'));
    const lab = new Lab(world, node, friend, id);
    for (const host of ['mallory', 'trudy']) {
      lab.#strangers.push({ host, identity: await newIdentity(world, host), connection: undefined });
    }
    for (const { host, identity } of lab.#strangers) world.ports(host, { tables: [], certificate: identity.certificate });
    return lab;
  }

  /** One message of a verb, altered in places; half of them signed by the stranger after that, so that they get past the signature. */
  async input(verb: AnyVerb): Promise<string> {
    const { random } = this;
    const stranger = random.pick(this.#strangers);
    let data = sample(verb.spec.data as Schema, random, this.#known) as JsonObject;
    if (verb.name === MESSAGE.name && random.chance(0.5)) data = await this.#signedMessage(stranger.identity, data);
    if (random.chance(0.5) && 'node_id' in data) data.node_id = stranger.identity.nodeId;
    for (let i = random.integer(3); i > 0; i--) data = mutate(data, random) as JsonObject;
    const isObject = typeof data === 'object' && data !== null && !Array.isArray(data);
    const message: JsonObject =
      isObject && random.chance(0.7)
        ? await this.#compose(stranger.identity, verb, data)
        : { ttl: verb.spec.ttl, flood: verb.spec.reach === 'flood', msg_type: verb.name, msg_data: data };
    if (random.chance(0.2)) message.ttl = random.pick([0, -1, 1, 64, 65, 2 ** 53 - 1]);
    const altered = random.chance(0.2) ? mutate(message, random) : message;
    return JSON.stringify(altered) ?? 'null';
  }

  /** Says it to the node, as one of the strangers. */
  async say(json: string, dead: (error: unknown) => void): Promise<void> {
    const stranger = this.random.pick(this.#strangers);
    if (!stranger.connection) stranger.connection = await this.#dial(stranger);
    try {
      stranger.connection.send(json);
    } catch (error) {
      // What is too large for a frame cannot be said at all.
      if (!(error instanceof ParleyError)) dead(error);
    }
    if (++this.#sent % 32 === 0) await this.world.advance(20);
    // Quotas of verbs are met again and again; time fills them up.
    if (this.#sent % 1024 === 0) await this.world.advance(60_000);
  }

  /** Throws when the node is not what it was: an internal error, a bound passed, no answer. */
  async check(): Promise<void> {
    const { metrics, channels } = this.#node;
    await this.world.advance(1000);
    if (metrics.value('failures', 'internal') > 0) throw new Error('an internal error while a message was handled');
    const failures = this.world.logs.entries({ level: 'error' });
    if (failures.length > 0) throw new Error(`the node logged an error: ${JSON.stringify(failures[0])}`);
    for (const [name, values] of metrics.snapshot().gauges) {
      const value = values.get('') ?? 0;
      const bound = BOUNDS[name];
      if (bound !== undefined && value > bound) throw new Error(`${name} grew to ${value}, above ${bound}`);
    }
    await this.world.until(channels.send(this.#channelId, 'still here'), { limitMs: 60_000 });
  }

  async #signedMessage(identity: Identity, data: JsonObject): Promise<JsonObject> {
    const msgId = this.#known.newGuid();
    const time = timestamp(this.world.clock.now());
    const payload = {
      msg_id: msgId,
      node_id: identity.nodeId,
      channel_id: this.#channelId,
      timestamp: time,
      text: 'fuzz',
      attachments: [],
      seq: 1 + this.random.integer(500),
    };
    const altered = this.random.chance(0.3) ? (mutate(payload, this.random) as JsonObject) : payload;
    const jws = await signJws(identity, altered);
    return {
      ...data,
      msg_id: msgId,
      node_id: identity.nodeId,
      channel_id: this.#channelId,
      timestamp: time,
      recipient: [{ node_id: this.#node.identity.nodeId }],
      message: Buffer.from(jws).toString('base64'),
    };
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

  async #dial(stranger: { host: string; identity: Identity; connection: Connection | undefined }): Promise<Connection> {
    const transport = this.world.network.transport(stranger.host, { certificate: stranger.identity.certificate });
    const connection = await this.world.until(transport.dial('target:4000', new AbortController().signal));
    connection.attach({
      message() {},
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
