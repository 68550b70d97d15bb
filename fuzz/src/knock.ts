import {
  base64,
  type Connection,
  canonicalJson,
  type Identity,
  type JsonObject,
  type Message,
  ParleyError,
  purposeBytes,
  timestamp,
} from '@parley/core';
import { Recorder, type SeededRandom, type World } from '@parley/sim';

/** A stranger at the door of a node, who can say everything that opens a link, rightly or not. */
export class Knock {
  readonly #world: World;
  readonly #identity: Identity;
  readonly #connection: Connection;
  readonly #recorder: Recorder;
  readonly #random: SeededRandom;
  readonly #nonce: string;

  constructor(world: World, identity: Identity, connection: Connection, random: SeededRandom) {
    this.#world = world;
    this.#identity = identity;
    this.#connection = connection;
    this.#recorder = Recorder.attach(connection);
    this.#random = random;
    this.#nonce = base64(random.bytes(32));
  }

  hello(): JsonObject {
    const { nodeId, keyId } = this.#identity;
    const data: JsonObject = {
      node_id: nodeId,
      version: 'knock',
      attributes: { node_type: this.#random.pick(['client', 'server']), relays: this.#random.pick(['0', '1']), name: 'x' },
      time: timestamp(this.#world.clock.now()),
      seen_address: '192.0.2.1:1',
    };
    if (this.#random.chance(0.8)) Object.assign(data, { nonce: this.#nonce, key: keyId });
    return this.#message('HELLO', data);
  }

  async proof(): Promise<JsonObject> {
    const theirs = this.#recorder.messages
      .map((text) => JSON.parse(text) as Message)
      .find(({ msg_type }) => msg_type === 'HELLO')?.msg_data;
    const text = canonicalJson({
      role: this.#random.chance(0.9) ? 'dial' : 'listen',
      from: this.#identity.keyId,
      to: theirs?.key ?? '',
      nonce_from: this.#nonce,
      nonce_to: theirs?.nonce ?? '',
      binding: this.#connection.binding ?? '',
    });
    return this.#message('PROOF', { sig: base64(await this.#identity.sign(purposeBytes('link', text))) });
  }

  /** What has no place before a link is open, or ends it. */
  other(): JsonObject {
    return this.#random.pick([
      this.#message('BYE', { reason: 'never mind' }),
      this.#message('ROUTING', { node_id: this.#identity.nodeId, nodes: [] }),
      this.#message('TRANSFER_OPEN', { transfer: 0, kind: 'x' }),
    ]);
  }

  /** Says it, and waits for what may come back. */
  async say(json: string): Promise<void> {
    try {
      this.#connection.send(json);
    } catch (error) {
      // What is too large for a frame cannot be said at all.
      if (!(error instanceof ParleyError)) throw error;
    }
    if (this.#random.chance(0.1)) this.#connection.sendData(this.#random.integer(4), this.#random.bytes(this.#random.integer(20)));
    if (this.#random.chance(0.1)) this.#connection.keepAlive();
    await this.#world.advance(50);
  }

  async end(): Promise<void> {
    this.#connection.destroy();
    await this.#world.advance(100);
  }

  #message(type: string, data: JsonObject): JsonObject {
    return { msg_type: type, msg_data: data, ttl: 1, flood: false };
  }
}
