import { isGuid } from '../../util/guid.ts';
import type { RejoinConfig } from './config.ts';

/** An address at which a node takes links, and how it went with it. Times in milliseconds since 1970; 0 for never. */
export interface Acquaintance {
  readonly transport: string;
  readonly address: string;
  /** Who answered there last, or is said to. */
  nodeId: string;
  /** When it was last heard of, from the node itself or by a dial. */
  seen: number;
  /** When a dial last succeeded. */
  succeeded: number;
  successes: number;
  /** In a row. */
  failures: number;
}

type Limits = Pick<RejoinConfig, 'capacity' | 'hearsayPerHost' | 'maxFailures' | 'keepMs'>;

export const keyOf = ({ transport, address }: Pick<Acquaintance, 'transport' | 'address'>): string => `${transport}:${address}`;

/**
 * Addresses of nodes that this one was in contact with, bounded (S3 "recently contacted hosts"). What answered a dial is worth more than what
 * a neighbour says of itself, and is not pushed out by it. Pure: `networkOf` tells which host an address belongs to.
 */
export class ContactMemory {
  readonly #limits: Limits;
  readonly #networkOf: (acquaintance: Acquaintance) => string | undefined;
  readonly #all = new Map<string, Acquaintance>();
  /** Changed or deleted since they were last written. */
  readonly #changed = new Set<string>();

  constructor(limits: Limits, networkOf: (acquaintance: Acquaintance) => string | undefined) {
    this.#limits = limits;
    this.#networkOf = networkOf;
  }

  get size(): number {
    return this.#all.size;
  }

  all(): Acquaintance[] {
    return [...this.#all.values()];
  }

  /** A node that is there says that it takes links at this address. */
  heard(transport: string, address: string, nodeId: string, now: number): void {
    const known = this.#all.get(keyOf({ transport, address }));
    if (known) {
      // Whoever answered there is believed, not who says that it would.
      if (known.succeeded === 0) known.nodeId = nodeId;
      if (known.nodeId === nodeId) this.#touch(known, now);
      return;
    }
    const fresh = { transport, address, nodeId, seen: now, succeeded: 0, successes: 0, failures: 0 };
    const network = this.#networkOf(fresh);
    if (network !== undefined) {
      const others = this.all().filter((other) => other.succeeded === 0 && this.#networkOf(other) === network);
      if (others.length >= this.#limits.hearsayPerHost) this.#delete(leastOf(others));
    }
    this.#add(fresh);
  }

  /** A dial led to this node. Returns whether it is the one that was expected, or nobody was. */
  answered(transport: string, address: string, nodeId: string, now: number): boolean {
    const key = keyOf({ transport, address });
    const known = this.#all.get(key);
    const expected = known === undefined || known.nodeId === nodeId;
    const entry = known ?? { transport, address, nodeId, seen: now, succeeded: 0, successes: 0, failures: 0 };
    entry.nodeId = nodeId;
    entry.seen = now;
    entry.succeeded = now;
    // Of another node nothing is known yet.
    entry.successes = expected ? entry.successes + 1 : 1;
    entry.failures = 0;
    this.#changed.add(key);
    if (!known) this.#add(entry);
    return expected;
  }

  failed(transport: string, address: string, now: number): void {
    const entry = this.#all.get(keyOf({ transport, address }));
    if (!entry) return;
    entry.failures++;
    this.#changed.add(keyOf(entry));
    if (entry.failures >= this.#limits.maxFailures && entry.succeeded < now - this.#limits.keepMs) this.#delete(entry);
  }

  forget(transport: string, address: string): void {
    const entry = this.#all.get(keyOf({ transport, address }));
    if (entry) this.#delete(entry);
  }

  /** Whom to try, the most promising first. `random` orders those of whom nothing is known. */
  ranked(random: () => number): Acquaintance[] {
    const drawn = this.all().map((entry) => ({ entry, draw: random() }));
    return drawn
      .sort(
        (a, b) =>
          Number(b.entry.succeeded > 0) - Number(a.entry.succeeded > 0) ||
          a.entry.failures - b.entry.failures ||
          (a.entry.succeeded > 0 ? b.entry.succeeded - a.entry.succeeded : a.draw - b.draw),
      )
      .map(({ entry }) => entry);
  }

  /** Takes one back from the store. False for what is not to be kept: unreadable, or too old. */
  restore(key: string, value: string, now: number): boolean {
    const entry = read(key, value);
    const kept =
      entry !== undefined && Math.max(entry.seen, entry.succeeded) > now - this.#limits.keepMs && this.size < this.#limits.capacity;
    if (kept) this.#all.set(key, entry);
    else this.#changed.add(key);
    return kept;
  }

  /** What has to be written since the last call: values by key, undefined for what is to be deleted. */
  takeChanges(): Map<string, string | undefined> {
    const changes = new Map<string, string | undefined>();
    for (const key of this.#changed) {
      const entry = this.#all.get(key);
      changes.set(key, entry && JSON.stringify([entry.nodeId, entry.seen, entry.succeeded, entry.successes, entry.failures]));
    }
    this.#changed.clear();
    return changes;
  }

  #touch(entry: Acquaintance, now: number): void {
    // Once in an hour is often enough for a memory of a month.
    if (now - entry.seen < 60 * 60_000) return;
    entry.seen = now;
    this.#changed.add(keyOf(entry));
  }

  #add(entry: Acquaintance): void {
    this.#all.set(keyOf(entry), entry);
    this.#changed.add(keyOf(entry));
    if (this.size > this.#limits.capacity) this.#delete(leastOf(this.all()));
  }

  #delete(entry: Acquaintance): void {
    this.#all.delete(keyOf(entry));
    this.#changed.add(keyOf(entry));
  }
}

/** The one that would be missed least: what never answered first, then what failed most, then what was not heard of for longest. */
function leastOf(entries: readonly Acquaintance[]): Acquaintance {
  return entries.reduce((least, entry) => {
    const order = Number(entry.succeeded > 0) - Number(least.succeeded > 0) || least.failures - entry.failures || entry.seen - least.seen;
    return order < 0 ? entry : least;
  });
}

function read(key: string, value: string): Acquaintance | undefined {
  const at = key.indexOf(':');
  let parts: unknown;
  try {
    parts = JSON.parse(value);
  } catch {
    // A damaged row is one address less.
    return undefined;
  }
  if (at <= 0 || !Array.isArray(parts) || typeof parts[0] !== 'string' || !isGuid(parts[0])) return undefined;
  const numbers = parts.slice(1, 5);
  if (numbers.length !== 4 || !numbers.every((number) => Number.isSafeInteger(number) && number >= 0)) return undefined;
  const [seen = 0, succeeded = 0, successes = 0, failures = 0] = numbers as number[];
  return { transport: key.slice(0, at), address: key.slice(at + 1), nodeId: parts[0], seen, succeeded, successes, failures };
}
