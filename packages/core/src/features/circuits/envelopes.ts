import type { Random } from '../../ports/random.ts';
import { base64 } from '../../util/base64.ts';
import { LruMap } from '../../util/bounded.ts';
import { randomGuid } from '../../util/guid.ts';

/** What a message goes in, from a last hop to its recipient. */
export interface Envelope {
  /** Its id there, at random: that of the message tells when it was written, and who knows both could have an answer to another take for one to it. */
  readonly id: string;
  /** 16 bytes, base64: whoever opens it repeats this in what they answer. */
  readonly proof: string;
  readonly exit: string;
  readonly msgId: string;
  readonly recipient: string;
}

const PROOF_BYTES = 16;

/** The envelopes in which own messages are on their way, bounded: an answer about one that is forgotten tells nothing, and its message is said again. */
export class Envelopes {
  readonly #random: Random;
  readonly #byMessage: LruMap<string, Envelope>;
  readonly #byId: LruMap<string, Envelope>;

  constructor(random: Random, capacity: number) {
    this.#random = random;
    this.#byMessage = new LruMap(capacity);
    this.#byId = new LruMap(capacity);
  }

  /** For what nobody acknowledges. */
  once(): Pick<Envelope, 'id' | 'proof'> {
    return { id: randomGuid(this.#random), proof: base64(this.#random.bytes(PROOF_BYTES)) };
  }

  /** The same again for the same last hop, which then knows that it has it already. */
  for(exit: string, recipient: string, msgId: string): Envelope {
    const key = messageKey({ exit, recipient, msgId });
    const earlier = this.#byMessage.get(key);
    // Both are used: they are to be forgotten together.
    if (earlier && this.get(exit, earlier.id)) return earlier;
    const envelope = { ...this.once(), exit, msgId, recipient };
    this.#byMessage.set(key, envelope);
    this.#byId.set(idKey(exit, envelope.id), envelope);
    return envelope;
  }

  /** The one that a last hop has by this id. */
  get(exit: string, id: string): Envelope | undefined {
    return this.#byId.get(idKey(exit, id));
  }

  /** It was opened. */
  done(envelope: Envelope): void {
    this.#byMessage.delete(messageKey(envelope));
    this.#byId.delete(idKey(envelope.exit, envelope.id));
  }
}

const messageKey = ({ exit, recipient, msgId }: Pick<Envelope, 'exit' | 'recipient' | 'msgId'>): string => `${exit} ${recipient} ${msgId}`;
const idKey = (exit: string, id: string): string => `${exit} ${id}`;
