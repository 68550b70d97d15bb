import {
  type AnyVerb,
  base64,
  type Certificate,
  CertificateReader,
  type Connection,
  canonicalJson,
  createIdentity,
  defineVerb,
  type Identity,
  type JsonObject,
  KeyBook,
  type Link,
  type LinkConfig,
  type LinkEvents,
  Links,
  linkDefaults,
  linkVerbs,
  type Message,
  Metrics,
  overlayVerbs,
  type ParleyError,
  purposeBytes,
  TRANSFER_OPEN,
  timestamp,
  VerbRegistry,
} from '@parley/core';
import { createCrypto } from '@parley/host';
import { Recorder, type SimPorts, World, type WorldOptions } from '@parley/sim';

/** An object with whatever is in it: the schema of what a transfer may say of itself. */
const ANYTHING = TRANSFER_OPEN.spec.data.properties.meta as typeof TRANSFER_OPEN.spec.data;

const anything = { data: ANYTHING, source: '+', ttl: 1, proof: 'link', acked: false, origin: () => '' } as const;

/** A verb of the link with room for anything, to see what comes through. */
export const NOTE = defineVerb({
  ...anything,
  name: 'NOTE',
  summary: 'A note.',
  reach: 'link',
  maxBytes: 900_000,
  rate: { perSecond: 1e6, burst: 1e6 },
});
/** A flood with a quota that is soon used up. */
export const SHOUT = defineVerb({
  ...anything,
  name: 'SHOUT',
  summary: 'A shout.',
  reach: 'flood',
  maxBytes: 2000,
  rate: { perSecond: 1, burst: 10 },
});
/** A directed verb. */
export const LETTER = defineVerb({
  ...anything,
  name: 'LETTER',
  summary: 'A letter.',
  reach: 'directed',
  maxBytes: 2000,
  rate: { perSecond: 10, burst: 10 },
});

export interface PartyOptions {
  /** Without a certificate at the transport: HELLO and PROOF have to prove the key. */
  readonly proof?: boolean;
  readonly config?: Partial<LinkConfig>;
  readonly nodeType?: 'client' | 'server';
  readonly relays?: boolean;
  readonly skewMs?: number;
  readonly admit?: (certificate: Certificate | undefined) => string | undefined | Promise<string | undefined>;
  /** What the identity is made from. Default: the name of the host. */
  readonly as?: string;
  /** Signatures come later, as with WebCrypto. */
  readonly slowSigner?: boolean;
}

/** The links of one node, and what they reported. */
export interface Party {
  readonly host: string;
  readonly identity: Identity;
  readonly ports: SimPorts;
  readonly links: Links;
  readonly metrics: Metrics;
  readonly ups: Link[];
  readonly downs: LinkEvents['down'][];
  readonly fails: ParleyError[];
  readonly skews: number[];
  /** Messages that reached the owner of the links: verb and data. */
  readonly heard: { readonly verb: string; readonly data: JsonObject; readonly link: Link }[];
}

/** Links without anything above them, on the simulator. */
export class LinkLab {
  readonly world: World;

  constructor(seed: string, options: Partial<WorldOptions> = {}) {
    this.world = new World({ seed, crypto: createCrypto(), ...options });
  }

  async identity(name: string): Promise<Identity> {
    const { world } = this;
    const seed = world.crypto.sha256(new TextEncoder().encode(name));
    const deps = { crypto: world.crypto, random: world.random.fork(name), clock: world.clock.view() };
    return (await createIdentity(deps, { name, seed })).identity;
  }

  async party(host: string, options: PartyOptions = {}): Promise<Party> {
    const { world } = this;
    const known = await this.identity(options.as ?? host);
    const identity: Identity = options.slowSigner
      ? { ...known, sign: (data) => new Promise((resolve) => world.clock.after(5, () => resolve(known.sign(data)))) }
      : known;
    const certificate = options.proof ? {} : { certificate: identity.certificate };
    const ports = world.ports(host, { tables: [], skewMs: options.skewMs ?? 0, ...certificate });
    const metrics = new Metrics();
    const links = new Links(
      {
        ports,
        local: { identity, nodeType: options.nodeType ?? 'client', relays: options.relays ?? true, version: 'lab' },
        keys: new KeyBook(ports.crypto),
        verbs: new VerbRegistry([...linkVerbs, ...overlayVerbs, NOTE, SHOUT, LETTER]),
        metrics,
        certificates: new CertificateReader(ports.crypto),
        admit: options.admit ?? (() => undefined),
      },
      { ...linkDefaults, ...options.config },
    );
    const party: Party = { host, identity, ports, links, metrics, ups: [], downs: [], fails: [], skews: [], heard: [] };
    links.onMessage = (link, verb, message) => party.heard.push({ verb: verb.name, data: message.msg_data, link });
    links.events.on('up', (link) => party.ups.push(link));
    links.events.on('down', (event) => party.downs.push(event));
    links.events.on('failed', ({ error }) => party.fails.push(error));
    links.events.on('skew', ({ ms }) => party.skews.push(ms));
    return party;
  }

  /** One that listens at `HOST:4000`. */
  async listener(host: string, options: PartyOptions = {}): Promise<Party> {
    const party = await this.party(host, { nodeType: 'server', ...options });
    await this.world.until(party.links.listen('memory', `${host}:4000`));
    return party;
  }

  dial(from: Party, to: Party): Promise<Link> {
    return from.links.dial('memory', `${to.host}:4000`);
  }

  /** A link between two, from both sides. */
  async linked(from: Party, to: Party): Promise<{ link: Link; back: Link }> {
    const link = await this.world.until(this.dial(from, to));
    await this.world.runUntil(() => to.links.get(from.identity.nodeId) !== undefined);
    return { link, back: to.links.get(from.identity.nodeId) as Link };
  }

  /** A neighbour that is played by hand, which has dialled. */
  async puppet(host: string, to: Party, options: { proof?: boolean; as?: string } = {}): Promise<Puppet> {
    const identity = await this.identity(options.as ?? host);
    const { network } = this.world;
    const transport = network.transport(host, options.proof ? {} : { certificate: identity.certificate });
    const connection = await this.world.until(transport.dial(`${to.host}:4000`, new AbortController().signal));
    return new Puppet(this.world, identity, connection);
  }

  /** A puppet whose link is open. */
  async neighbour(host: string, to: Party, hello: JsonObject = {}): Promise<Puppet> {
    const puppet = await this.puppet(host, to);
    puppet.hello(hello);
    await this.world.runUntil(() => to.links.get(puppet.identity.nodeId) !== undefined, { what: 'the link' });
    await this.world.runUntil(() => puppet.heard('HELLO').length > 0);
    return puppet;
  }
}

/** One side of a connection, played by hand: it says whatever the test wants. */
export class Puppet {
  readonly identity: Identity;
  readonly connection: Connection;
  readonly recorder: Recorder;
  readonly #world: World;
  nonce: string;

  constructor(world: World, identity: Identity, connection: Connection) {
    this.#world = world;
    this.identity = identity;
    this.connection = connection;
    this.recorder = Recorder.attach(connection);
    this.nonce = base64(world.random.bytes(32));
  }

  get ended(): boolean {
    return this.recorder.ended;
  }

  raw(json: string): void {
    this.connection.send(json);
  }

  say(verb: AnyVerb | string, data: JsonObject, head: JsonObject = {}): void {
    const name = typeof verb === 'string' ? verb : verb.name;
    this.raw(JSON.stringify({ ttl: 1, flood: false, msg_type: name, msg_data: data, ...head }));
  }

  hello(changes: JsonObject = {}): void {
    this.say('HELLO', {
      node_id: this.identity.nodeId,
      version: 'puppet',
      attributes: { node_type: 'client', relays: '1' },
      time: timestamp(this.#world.clock.now()),
      ...changes,
    });
  }

  /** HELLO as it is where PROOF follows. */
  helloWithKey(changes: JsonObject = {}): void {
    this.hello({ nonce: this.nonce, key: this.identity.keyId, ...changes });
  }

  /** The PROOF that answers the other's HELLO, in its parts. */
  async proof(changes: JsonObject = {}): Promise<string> {
    const [hello] = this.heard('HELLO');
    const covered = {
      role: 'dial',
      from: this.identity.keyId,
      to: hello?.key ?? '',
      nonce_from: this.nonce,
      nonce_to: hello?.nonce ?? '',
      binding: this.connection.binding ?? '',
      ...changes,
    };
    return base64(await this.identity.sign(purposeBytes('link', canonicalJson(covered))));
  }

  /** Data of the messages of a verb that came, in order. */
  heard(verb: string): JsonObject[] {
    return this.recorder.messages
      .map((text) => JSON.parse(text) as Message)
      .flatMap((message) => (message.msg_type === verb ? [message.msg_data] : []));
  }
}
