import type { Clock } from '../../ports/clock.ts';
import { LruMap } from '../../util/bounded.ts';
import { equalBytes } from '../../util/bytes.ts';
import type { Metrics } from '../../util/metrics.ts';
import type { Scope } from '../../util/scope.ts';
import type { Contact } from './contacts.ts';
import type { StoredStatus } from './packets.ts';

/** A record that can be handed on. */
export interface Kept {
  /** Of the node that it is of. */
  readonly id: Uint8Array;
  readonly bytes: Uint8Array;
}

export interface HandOverDeps {
  readonly clock: Clock;
  readonly scope: Scope;
  readonly metrics: Metrics;
  /** What this node holds, its own record too. */
  readonly kept: () => Iterable<Kept>;
  /** Whether a newcomer is to get the record of a node from here. */
  readonly hands: (target: Uint8Array, newcomer: Contact) => boolean;
  /** Undefined when there was no answer. */
  readonly give: (contact: Contact, record: Uint8Array) => Promise<StoredStatus | undefined>;
  readonly failed: (error: unknown) => void;
}

/** A newcomer finds its own place first, and whoever only passes by costs nothing. */
const DELAY_MS = 2000;
const MAX_WAITING = 64;
/** Records that one newcomer is given, one after the other: those beyond that come when they are told anew. */
const MAX_GIVEN = 1000;
const MAX_REFUSED = 3;
/** Records that are looked at before others get their turn. */
const SLICE = 256;
/** Who comes and goes is not given the same again and again. */
const AGAIN_MS = 30 * 60_000;

/**
 * Gives servers that have come into the table what they are nearer to than others (Kademlia: without it, whoever looks for a record would meet
 * newcomers that lack it until it is told anew). To one at a time, and one record after the other.
 */
export class HandOver {
  readonly #deps: HandOverDeps;
  readonly #waiting: { readonly contact: Contact; readonly at: number }[] = [];
  /** When a node was handed records (monotonic). */
  readonly #handedAt = new LruMap<string, number>(4096);
  #busy = false;

  constructor(deps: HandOverDeps) {
    this.#deps = deps;
  }

  /** It has proved its key at its address, and was not in the table before. */
  newcomer(contact: Contact): void {
    const { clock, scope, metrics, failed } = this.#deps;
    const now = clock.monotonic();
    const before = this.#handedAt.get(contact.nodeId);
    if (before !== undefined && now - before < AGAIN_MS) return;
    if (this.#waiting.length >= MAX_WAITING) {
      metrics.reject('registry-newcomers');
      return;
    }
    this.#handedAt.set(contact.nodeId, now);
    this.#waiting.push({ contact, at: now + DELAY_MS });
    if (this.#busy) return;
    this.#busy = true;
    scope.run(
      this.#work().finally(() => {
        this.#busy = false;
      }),
      failed,
    );
  }

  async #work(): Promise<void> {
    const { clock, scope } = this.#deps;
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      await scope.sleep(Math.max(0, next.at - clock.monotonic()));
      this.#waiting.shift();
      await this.#hand(next.contact);
    }
  }

  async #hand(contact: Contact): Promise<void> {
    const { scope, metrics, kept, hands, give } = this.#deps;
    let [given, refused] = [0, 0];
    // As it is now: what comes meanwhile was put where it belongs by whoever brought it.
    for (const [at, { id, bytes }] of [...kept()].entries()) {
      if ((at + 1) % SLICE === 0) await scope.sleep(0);
      if (equalBytes(id, contact.id) || !hands(id, contact)) continue;
      if (++given > MAX_GIVEN) return;
      const status = await give(contact, bytes);
      metrics.count('registry_handed', status ?? 'unanswered');
      // It is gone, or has no room for what comes from here.
      if (status === undefined || (status === 'refused' && ++refused >= MAX_REFUSED)) return;
    }
  }
}
