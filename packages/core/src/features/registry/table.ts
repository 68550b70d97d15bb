import type { Random } from '../../ports/random.ts';
import { LruMap } from '../../util/bounded.ts';
import { Buckets, type Seen } from './buckets.ts';
import type { RegistryConfig } from './config.ts';
import type { Contact } from './contacts.ts';
import { commonPrefix, compareDistance, differ, idInBucket } from './ids.ts';
import { staleBuckets } from './schedule.ts';

/** Contacts that may come back, after a network was split or machines were off. */
const LOST = 64;
const WAITING = 8;
/** An entry that has not answered so many times in a row is given up. */
const FAILURES = 2;

/** So many of those nearest to a record hand it to a newcomer: one may be gone, and another may lie. */
const HANDERS = 3;
/** Entries that came later may not have been handed everything themselves. */
const SETTLED_MS = 10_000;

interface Health {
  readonly since: number;
  heardAt: number;
  failures: number;
}

/** The Kademlia table of a server, and what is known of the health of its entries. Times are monotonic milliseconds. */
export class ContactTable {
  readonly #self: Uint8Array;
  readonly #config: RegistryConfig;
  readonly #buckets: Buckets<Contact>;
  readonly #health = new Map<string, Health>();
  readonly #lost = new LruMap<string, Contact>(LOST);
  /** When a node was looked up in each bucket last. */
  readonly #usedAt: number[] = [];
  /** Before then no entry has been silent for too long. */
  #quietAt = Number.NEGATIVE_INFINITY;

  constructor(self: Uint8Array, config: RegistryConfig) {
    this.#self = self;
    this.#config = config;
    this.#buckets = new Buckets({
      k: config.k,
      waiting: WAITING,
      perNetwork: config.perNetwork,
      bucketOf: ({ id }) => commonPrefix(self, id),
      keyOf: ({ nodeId }) => nodeId,
      networkOf: ({ address }) => address.network,
    });
  }

  get size(): number {
    return this.#buckets.size;
  }

  all(): Contact[] {
    return this.#buckets.all();
  }

  has(contact: Contact): boolean {
    return this.#buckets.find(contact)?.wire === contact.wire;
  }

  closest(target: Uint8Array, count: number): Contact[] {
    return this.#buckets.closest(commonPrefix(this.#self, target), count, (a, b) => compareDistance(target, a.id, b.id));
  }

  /** Whether this node is to give a newcomer what it holds of a target: that is one of the k nearest, and few who are nearer than this node would do it. */
  hands(target: Uint8Array, newcomer: Contact, now: number): boolean {
    const differs = (bit: number): boolean => differ(this.#self, target, bit);
    const settled = ({ nodeId }: Contact): boolean =>
      nodeId !== newcomer.nodeId && now - (this.#health.get(nodeId)?.since ?? now) >= SETTLED_MS;
    if (!this.#buckets.within(this.#config.k, newcomer, differs, (a, b) => compareDistance(target, a.id, b.id))) return false;
    return this.#buckets.ownerWithin(HANDERS, differs, settled);
  }

  /** A contact has proved itself. */
  proved(contact: Contact, now: number): Seen<Contact> {
    const seen = this.#buckets.seen(contact);
    if (seen.kind === 'added' || seen.kind === 'refreshed') {
      const health = this.#health.get(contact.nodeId);
      if (health) {
        health.heardAt = now;
        health.failures = 0;
      } else this.#health.set(contact.nodeId, { since: now, heardAt: now, failures: 0 });
      this.#lost.delete(contact.nodeId);
    }
    return seen;
  }

  /** A contact did not answer. Returns whether it was given up for that. */
  silent(contact: Contact): boolean {
    const health = this.#health.get(contact.nodeId);
    if (!health || !this.has(contact)) {
      // One that waits for a place loses it.
      if (!health) this.#buckets.failed(contact);
      return false;
    }
    health.failures++;
    if (health.failures < FAILURES) return false;
    this.#health.delete(contact.nodeId);
    this.#buckets.failed(contact);
    // Whoever takes its place has waited for it, and may have been silent for longer than any entry.
    this.#quietAt = Number.NEGATIVE_INFINITY;
    this.#lost.set(contact.nodeId, contact);
    return true;
  }

  silentFor(contact: Contact, now: number): number {
    return now - (this.#health.get(contact.nodeId)?.heardAt ?? Number.NEGATIVE_INFINITY);
  }

  /** Entries that were not heard of for too long, at most `count`, the most silent first. */
  quiet(now: number, count: number): Contact[] {
    if (now < this.#quietAt) return [];
    const quiet: { readonly contact: Contact; readonly silent: number }[] = [];
    let longest = 0;
    for (let index = 0; index < this.#buckets.depth; index++) {
      for (const contact of this.#buckets.bucket(index)) {
        const silent = this.silentFor(contact, now);
        longest = Math.max(longest, silent);
        if (silent >= this.#config.contactSilentMs) quiet.push({ contact, silent });
      }
    }
    // Whoever is heard of meanwhile is silent for less long.
    this.#quietAt = now + this.#config.contactSilentMs - longest;
    quiet.sort((a, b) => b.silent - a.silent);
    return quiet.slice(0, count).map(({ contact }) => contact);
  }

  lost(random: Random): Contact | undefined {
    if (this.#lost.size === 0) return undefined;
    const all = [...this.#lost.entries()];
    return all[Math.floor(random.number() * all.length)]?.[1];
  }

  used(target: Uint8Array, now: number): void {
    this.#usedAt[commonPrefix(this.#self, target)] = now;
  }

  /**
   * A target in each bucket that nobody was looked up in for so long. Those beyond the k nearest nodes are left out: whatever is in them is
   * among those k, which are found by looking for this node itself.
   */
  stale(now: number, everyMs: number, random: Random): Uint8Array[] {
    const used = (index: number): number => this.#usedAt[index] ?? Number.NEGATIVE_INFINITY;
    if (staleBuckets(this.#buckets.depth, used, now, everyMs).length === 0) return [];
    const furthest = this.closest(this.#self, this.#config.k).at(-1);
    const depth = furthest ? commonPrefix(this.#self, furthest.id) + 1 : 0;
    return staleBuckets(depth, used, now, everyMs).map((index) => idInBucket(this.#self, index, random.bytes(16)));
  }
}
