import {
  base64,
  CELL,
  CIRCUIT_CLOSE,
  CIRCUIT_OPEN,
  CIRCUIT_OPENED,
  type Connection,
  conclude,
  contentBytes,
  filled,
  freshKey,
  type Identity,
  type JsonObject,
  jsonFrame,
  Layer,
  type Message,
} from '@parley/core';
import type { World } from '@parley/sim';

/** A circuit of a stranger whose only hop is the node under test. What is said inside may end it: then the next thing is said in a new one. */
export class Circuit {
  readonly #world: World;
  readonly #hop: Identity;
  readonly #self: string;
  #number = 0;
  #forward: Layer | undefined;
  #answered: { readonly key: string; readonly sig: string } | undefined;

  constructor(world: World, hop: Identity, self: string) {
    this.#world = world;
    this.#hop = hop;
    this.#self = self;
  }

  /** What the node says on the link. */
  heard({ msg_type: verb, msg_data: data }: Message): void {
    if (data.circuit !== this.#number) return;
    if (verb === CIRCUIT_OPENED.name) this.#answered = data as unknown as { key: string; sig: string };
    else if (verb === CIRCUIT_CLOSE.name) this.#forward = undefined;
  }

  /** Says a text to the hop, as the frame of a message. */
  async say(connection: Connection, text: string): Promise<void> {
    this.#forward ??= await this.#open(connection);
    if (!this.#forward || text === '') return;
    const frame = jsonFrame(text);
    const size = contentBytes(1);
    for (let at = 0; at < frame.length; at += size) {
      const cell = filled(this.#world.random, await this.#forward.close(frame.subarray(at, at + size)));
      this.#tell(connection, CELL.name, { cell: base64(cell) });
    }
  }

  async #open(connection: Connection): Promise<Layer | undefined> {
    const { crypto } = this.#world;
    const own = await freshKey(this.#world);
    this.#number++;
    this.#answered = undefined;
    this.#tell(connection, CIRCUIT_OPEN.name, { key: base64(own.publicKey), depth: 1 });
    await this.#world.advance(500);
    const answered = this.#heard();
    if (!answered) return undefined;
    const { nodeId, publicKey } = this.#hop;
    const { forward } = await conclude(crypto, own, { nodeId, publicKey, depth: 1 }, answered);
    return new Layer(crypto, forward, 1);
  }

  #heard(): { readonly key: string; readonly sig: string } | undefined {
    return this.#answered;
  }

  #tell(connection: Connection, verb: string, data: JsonObject): void {
    const about = { node_id: this.#self, circuit: this.#number, ...data };
    connection.send(JSON.stringify({ ttl: 1, flood: false, msg_type: verb, msg_data: about }));
  }
}
