import { utf8 } from '../../util/bytes.ts';
import { ParleyError } from '../../util/errors.ts';
import { FrameDecoder, jsonFrame } from '../../wire/frames.ts';
import { type JsonObject, parseJson } from '../../wire/json.ts';
import type { AnyVerb, VerbRegistry } from '../../wire/verb.ts';

export interface StreamDeps {
  readonly verbs: VerbRegistry;
  /** Bytes of a message that one cell brings. */
  readonly pieceBytes: number;
  /** The largest message that the other side says. */
  readonly maxBytes: number;
  /** A message with a verb of circuits, of its form. */
  readonly received: (verb: AnyVerb, data: JsonObject) => void;
  /** One of a newer version, which is ignored. */
  readonly unknown: () => void;
}

/** What the maker of a circuit and one of its hops say to each other: frames as on other streams of bytes (WIRE "Frames"), cut into cells. */
export class CircuitStream {
  readonly #deps: StreamDeps;
  readonly #decoder: FrameDecoder;

  constructor(deps: StreamDeps) {
    this.#deps = deps;
    this.#decoder = new FrameDecoder({
      maxFrameBytes: deps.maxBytes,
      handler: {
        message: (json) => this.#message(json),
        data: () => {
          throw new ParleyError('bad-frame', 'a data frame inside a circuit');
        },
        keepAlive: () => {},
      },
    });
  }

  /** Bytes that are kept of a message that is not whole. */
  get kept(): number {
    return this.#decoder.kept;
  }

  /** Takes the content of a cell. Errors, after which the circuit has to end: `bad-frame`, `too-large`, `bad-json`, `bad-message`. */
  push(content: Uint8Array): void {
    this.#decoder.push(content);
  }

  /** A message as contents of cells. Errors: `bad-argument`, `too-large`. */
  *pieces(verb: AnyVerb, data: JsonObject): Generator<Uint8Array> {
    if (!verb.validate.check(data)) throw new ParleyError('bad-argument', `${verb.name} cannot say that: ${verb.validate.explain(data)}`);
    const text = JSON.stringify({ msg_type: verb.name, msg_data: data });
    if (utf8(text).length > verb.spec.maxBytes) throw new ParleyError('too-large', `${verb.name} above its limit`);
    const frame = jsonFrame(text);
    const { pieceBytes } = this.#deps;
    for (let at = 0; at < frame.length; at += pieceBytes) yield frame.subarray(at, at + pieceBytes);
  }

  #message(json: Uint8Array): void {
    const { msg_type: name, msg_data: data } = parseJson(json);
    const verb = typeof name === 'string' ? this.#deps.verbs.get(name) : undefined;
    if (!verb) {
      this.#deps.unknown();
      return;
    }
    const fits = verb.spec.reach === 'circuit' && json.length <= verb.spec.maxBytes && verb.validate.check(data);
    if (!fits) throw new ParleyError('bad-message', `not as ${verb.name} has to be inside a circuit`);
    this.#deps.received(verb, data as JsonObject);
  }
}
