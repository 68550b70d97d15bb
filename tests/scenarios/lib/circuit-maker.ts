import {
  type AnyVerb,
  base64,
  CELL,
  CIRCUIT_OPEN,
  CIRCUIT_OPENED,
  CircuitStream,
  conclude,
  contentBytes,
  filled,
  freshKey,
  fromBase64,
  type JsonObject,
  Layer,
  verbs,
} from '@parley/core';
import type { Network } from './network.ts';
import type { Stranger } from './stranger.ts';

/** A stranger's circuit with one hop, by hand: what an honest node would never say can be said by it. */
export class CircuitMaker {
  /** What the hop has said inside the circuit. */
  readonly heard: { readonly verb: string; readonly data: JsonObject }[] = [];
  readonly number: number;
  readonly #stranger: Stranger;
  readonly #net: Network;
  readonly #forward: Layer;

  private constructor(net: Network, stranger: Stranger, number: number, forward: Layer) {
    this.#net = net;
    this.#stranger = stranger;
    this.#forward = forward;
    this.number = number;
  }

  static async open(net: Network, stranger: Stranger, hop: string, number: number): Promise<CircuitMaker> {
    const { world } = net;
    const { crypto } = world;
    const own = await freshKey(world);
    const answers = (): JsonObject[] => stranger.of(CIRCUIT_OPENED.name).map(({ msg_data: data }) => data);
    stranger.say(CIRCUIT_OPEN.name, { circuit: number, key: base64(own.publicKey), depth: 1 });
    await world.runUntil(() => answers().some(({ circuit }) => circuit === number), { what: 'that the hop answers' });
    const answer = answers().find(({ circuit }) => circuit === number) as { key: string; sig: string };
    const { nodeId, publicKey } = net.get(hop).identity;
    const keys = await conclude(crypto, own, { nodeId, publicKey, depth: 1 }, answer);
    const maker = new CircuitMaker(net, stranger, number, new Layer(crypto, keys.forward, 1));
    const backward = new Layer(crypto, keys.backward, 1);
    const stream = maker.#stream();
    const before = stranger.onMessage;
    stranger.onMessage = (message) => {
      before(message);
      const { circuit, cell } = message.msg_data as { circuit?: number; cell?: string };
      if (message.msg_type !== CELL.name || circuit !== number) return;
      const opened = backward.open(fromBase64(cell as string) as Uint8Array) as { content?: Uint8Array } | undefined;
      if (opened?.content) stream.push(opened.content);
    };
    return maker;
  }

  #stream(): CircuitStream {
    return new CircuitStream({
      verbs,
      pieceBytes: contentBytes(1),
      maxBytes: 1024 * 1024,
      received: (verb, data) => this.heard.push({ verb: verb.name, data }),
      unknown: () => {},
    });
  }

  /** Says a verb to the hop as it should be. */
  say(verb: AnyVerb, data: JsonObject): void {
    for (const piece of this.#stream().pieces(verb, data)) this.content(piece);
  }

  /** Sends anything at all as the content of a cell. */
  content(bytes: Uint8Array): void {
    const cell = filled(this.#net.world.random, this.#forward.close(bytes) as Uint8Array);
    this.#stranger.say(CELL.name, { circuit: this.number, cell: base64(cell) });
  }

  of(verb: AnyVerb): JsonObject[] {
    return this.heard.filter((said) => said.verb === verb.name).map(({ data }) => data);
  }

  /** Whether the hop has ended the circuit, and why. */
  get closed(): string | undefined {
    const close = this.#stranger.of('CIRCUIT_CLOSE').find(({ msg_data: data }) => data.circuit === this.number);
    return close && ((close.msg_data.reason as string | undefined) ?? '');
  }
}
