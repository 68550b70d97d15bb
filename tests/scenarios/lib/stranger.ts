import {
  type AnyVerb,
  type Connection,
  type ConnectionHandler,
  composeMessage,
  type Identity,
  type JsonObject,
  type Message,
  timestamp,
} from '@parley/core';
import type { Network } from './network.ts';

const decoder = new TextDecoder();

/** A node of a simulated network that is played by hand: it says whatever a test wants, and answers as the test decides. */
export class Stranger implements ConnectionHandler {
  readonly identity: Identity;
  readonly heard: Message[] = [];
  ended = false;
  /** Called for each message that comes. */
  onMessage: (message: Message) => void = () => {};
  readonly #net: Network;
  readonly #connection: Connection;
  #saidAt = 0;

  private constructor(net: Network, identity: Identity, connection: Connection) {
    this.#net = net;
    this.identity = identity;
    this.#connection = connection;
    connection.attach(this);
  }

  /** Opens a link to a node that listens. `name` is its host as well, and its identity the one that belongs to the name. */
  static async meet(net: Network, name: string, target: string, attributes: Record<string, string> = { relays: '1' }): Promise<Stranger> {
    const identity = await net.identity(name);
    const transport = net.world.network.transport(name, { certificate: identity.certificate });
    const connection = await net.world.until(transport.dial(`${target}:4000`, new AbortController().signal));
    const stranger = new Stranger(net, identity, connection);
    stranger.say('HELLO', {
      version: 'stranger',
      attributes: { node_type: 'client', ...attributes },
      time: timestamp(net.world.clock.now()),
    });
    await net.world.runUntil(() => net.get(target).node.links.get(identity.nodeId) !== undefined, { what: 'the link' });
    return stranger;
  }

  get nodeId(): string {
    return this.identity.nodeId;
  }

  send(message: Message): void {
    this.#saidAt = this.#net.world.clock.monotonic();
    this.#connection.send(JSON.stringify(message));
  }

  /** Says a verb of the link. */
  say(type: string, data: JsonObject): void {
    this.send({ ttl: 1, flood: false, msg_type: type, msg_data: { node_id: this.nodeId, ...data } });
  }

  /** A message of this node, signed now, or so much later. */
  async compose(verb: AnyVerb, data: JsonObject, aheadMs = 0): Promise<Message> {
    return composeMessage(this.identity, verb, { node_id: this.nodeId, ...data }, this.#net.world.clock.now() + aheadMs);
  }

  /** Takes custody of everything, as an honest node would say it. */
  acknowledge(message: Message): void {
    const { msg_id, node_id, recipient } = message.msg_data;
    if (msg_id === undefined || message.flood) return;
    this.say('ACK', { msg_id, origin_id: node_id ?? '', ...(recipient === undefined ? {} : { recipient }) });
  }

  of(type: string): Message[] {
    return this.heard.filter((message) => message.msg_type === type);
  }

  /** Ids of the messages for which it was told that somebody else has custody, in order. */
  acknowledged(): string[] {
    return this.of('ACK').flatMap(({ msg_data: { msg_id, also } }) => [msg_id as string, ...((also as string[] | undefined) ?? [])]);
  }

  message(json: Uint8Array | string): void {
    const message = JSON.parse(typeof json === 'string' ? json : decoder.decode(json)) as Message;
    this.heard.push(message);
    // As every node that has been silent for long: its link would be taken for dead.
    if (this.#net.world.clock.monotonic() - this.#saidAt >= 10_000) this.keepAlive();
    this.onMessage(message);
  }

  closed(): void {
    this.ended = true;
  }

  data(): void {}
  keepAlive(): void {
    this.#saidAt = this.#net.world.clock.monotonic();
    this.#connection.keepAlive();
  }
  drain(): void {}
}

/** A GUID for a test's own things. */
export const guid = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
