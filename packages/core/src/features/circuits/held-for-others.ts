import type { Overlay } from '../../overlay/index.ts';
import type { CircuitConfig } from './config.ts';

type Limits = Pick<CircuitConfig, 'maxHeld' | 'maxHeldBytes' | 'maxHeldPerRecipient'>;

interface Held {
  readonly recipient: string;
  readonly bytes: number;
  /** Whether it stays until the recipient has it, not only until the next node has. */
  readonly receipts: boolean;
}

const ENDED = new Set(['delivered', 'read', 'failed', 'expired']);

/** Envelopes of others that this node holds as the last hop of circuits. Nobody knows whose they are: they have one room together, and the oldest gives way. */
export class HeldForOthers {
  readonly #limits: Limits;
  readonly #overlay: Pick<Overlay, 'withdraw' | 'events'>;
  /** By message id, in the order in which they came. */
  readonly #held = new Map<string, Held>();
  readonly #perRecipient = new Map<string, number>();
  #bytes = 0;

  constructor(overlay: Pick<Overlay, 'withdraw' | 'events'>, limits: Limits) {
    this.#overlay = overlay;
    this.#limits = limits;
  }

  /** Returns a function that ends it. */
  start(): () => void {
    return this.#overlay.events.on('delivery', ({ msgId, state }) => {
      if (ENDED.has(state) || (state === 'sent' && this.#held.get(msgId)?.receipts === false)) this.#forget(msgId);
    });
  }

  get size(): number {
    return this.#held.size;
  }

  recipientOf(msgId: string): string | undefined {
    return this.#held.get(msgId)?.recipient;
  }

  /** Makes room for one more. False where one recipient has too many already: nobody can be made to wait by what is for somebody else. */
  admit(msgId: string, held: Held): boolean {
    const { recipient, bytes } = held;
    const { maxHeld, maxHeldBytes, maxHeldPerRecipient } = this.#limits;
    const count = this.#perRecipient.get(recipient) ?? 0;
    if (count >= maxHeldPerRecipient) return false;
    for (const oldest of this.#held.keys()) {
      if (this.#held.size < maxHeld && this.#bytes + bytes <= maxHeldBytes) break;
      this.#overlay.withdraw(oldest);
      this.#forget(oldest);
    }
    this.#held.set(msgId, held);
    this.#perRecipient.set(recipient, count + 1);
    this.#bytes += bytes;
    return true;
  }

  /** It was not taken after all. */
  release(msgId: string): void {
    this.#forget(msgId);
  }

  #forget(msgId: string): void {
    const held = this.#held.get(msgId);
    if (!held) return;
    this.#held.delete(msgId);
    this.#bytes -= held.bytes;
    const left = (this.#perRecipient.get(held.recipient) ?? 1) - 1;
    if (left > 0) this.#perRecipient.set(held.recipient, left);
    else this.#perRecipient.delete(held.recipient);
  }
}
