import type { Overlay } from '../../overlay/index.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CircuitConfig } from './config.ts';

type Limits = Pick<CircuitConfig, 'maxHeld' | 'maxHeldBytes' | 'maxHeldPerRecipient' | 'unreceiptedMs'>;

export interface RoomDeps {
  readonly overlay: Pick<Overlay, 'forOthers' | 'withdraw' | 'reaches' | 'events'>;
  readonly clock: Pick<Clock, 'monotonic'>;
}

interface Held {
  readonly recipient: string;
  readonly bytes: number;
  /** Whether it stays until the recipient has it, not only until the next node has. */
  readonly receipts: boolean;
}

const ENDED = new Set(['delivered', 'read', 'failed', 'expired']);

/**
 * Envelopes of others that this node holds as the last hop of circuits. Nobody knows whose they are: they have one room together, one recipient has a share of
 * it, and the oldest gives way. Whoever made it says it again.
 */
export class HeldForOthers {
  readonly #limits: Limits;
  readonly #released: (msgId: string) => void;
  readonly #deps: RoomDeps;
  /** By message id, in the order in which they came. */
  readonly #held = new Map<string, Held>();
  readonly #perRecipient = new Map<string, Set<string>>();
  /** Since when a recipient who is there has it, as far as those on the way say, and gives no RECEIPT (monotonic milliseconds). */
  readonly #unreceipted = new Map<string, number>();
  #bytes = 0;

  /** `released`: one is held no longer. */
  constructor(deps: RoomDeps, limits: Limits, released: (msgId: string) => void) {
    this.#deps = deps;
    this.#limits = limits;
    this.#released = released;
  }

  /** Begins with what is held since an earlier life. Returns a function that ends it. */
  start(): () => void {
    const { overlay, clock } = this.#deps;
    for (const { msgId, recipients, bytes, receipts } of overlay.forOthers())
      for (const recipient of recipients) this.admit(msgId, { recipient, bytes, receipts });
    return overlay.events.on('delivery', ({ msgId, recipient, state }) => {
      if (ENDED.has(state) || (state === 'sent' && this.#held.get(msgId)?.receipts === false)) this.release(msgId);
      else if (state === 'sent' && this.#held.has(msgId) && !this.#unreceipted.has(msgId) && overlay.reaches(recipient))
        this.#unreceipted.set(msgId, clock.monotonic());
    });
  }

  /** Gives up what recipients who are there do not answer: it is nothing that they can open, and would stay until it expires. */
  sweep(): void {
    const { overlay, clock } = this.#deps;
    const oldest = clock.monotonic() - this.#limits.unreceiptedMs;
    for (const [msgId, since] of this.#unreceipted) {
      if (!overlay.reaches(this.recipientOf(msgId) ?? '')) this.#unreceipted.delete(msgId);
      else if (since < oldest) this.#giveUp(msgId);
    }
  }

  get size(): number {
    return this.#held.size;
  }

  recipientOf(msgId: string): string | undefined {
    return this.#held.get(msgId)?.recipient;
  }

  /** Makes room for one more, and takes it. */
  admit(msgId: string, held: Held): void {
    const { recipient, bytes } = held;
    const { maxHeld, maxHeldBytes, maxHeldPerRecipient } = this.#limits;
    const same = this.#perRecipient.get(recipient);
    for (const oldest of same ?? []) {
      if (same && same.size < maxHeldPerRecipient) break;
      this.#giveUp(oldest);
    }
    for (const oldest of this.#held.keys()) {
      if (this.#held.size < maxHeld && this.#bytes + bytes <= maxHeldBytes) break;
      this.#giveUp(oldest);
    }
    this.#held.set(msgId, held);
    this.#perRecipient.set(recipient, (this.#perRecipient.get(recipient) ?? new Set()).add(msgId));
    this.#bytes += bytes;
  }

  /** It is held no longer, or was not taken after all. */
  release(msgId: string): void {
    this.#released(msgId);
    const held = this.#held.get(msgId);
    if (!held) return;
    this.#held.delete(msgId);
    this.#unreceipted.delete(msgId);
    this.#bytes -= held.bytes;
    const same = this.#perRecipient.get(held.recipient);
    same?.delete(msgId);
    if (same?.size === 0) this.#perRecipient.delete(held.recipient);
  }

  #giveUp(msgId: string): void {
    this.#deps.overlay.withdraw(msgId);
    this.release(msgId);
  }
}
