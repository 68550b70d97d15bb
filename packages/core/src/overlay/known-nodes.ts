import type { Store, StoreWrite, TableSpec } from '../ports/store.ts';

const TABLE = 'known_nodes';

export const knownTables: readonly TableSpec[] = [{ name: TABLE, small: true }];

interface Known {
  /** Milliseconds since 1970. */
  seen: number;
  /** The neighbour that spoke of it, its own id when it was one, or `BY_RECORD`. */
  source: string;
}

/** The source of those who are known by what they have signed of themselves: whoever makes such records pushes out nothing but others of that kind. */
export const BY_RECORD = 'record';

/**
 * Nodes that were there within a week: messages for them are stored while they are away (WIRE "Known destination"). Bounded; when full,
 * the source that brought most entries loses its oldest, so that a neighbour's inventions push out nothing but each other.
 */
export class KnownNodes {
  readonly #store: Store;
  readonly #capacity: number;
  readonly #keepMs: number;
  readonly #known = new Map<string, Known>();
  readonly #bySource = new Map<string, Set<string>>();
  readonly #changed = new Set<string>();

  constructor(store: Store, options: { capacity: number; keepMs: number }) {
    this.#store = store;
    this.#capacity = options.capacity;
    this.#keepMs = options.keepMs;
  }

  get size(): number {
    return this.#known.size;
  }

  async start(now: number): Promise<void> {
    for (const { key, value } of await this.#store.range(TABLE, { limit: this.#capacity })) {
      const [seen, source] = String(value).split(' ');
      if (Number(seen) > now - this.#keepMs && source !== undefined) this.#put(key, Number(seen), source);
      else this.#changed.add(key);
    }
  }

  has(nodeId: string, now: number): boolean {
    const known = this.#known.get(nodeId);
    return known !== undefined && known.seen > now - this.#keepMs;
  }

  /** Whether a node was our own neighbour, and not only spoken of. */
  wasNeighbour(nodeId: string, now: number): boolean {
    return this.#known.get(nodeId)?.source === nodeId && this.has(nodeId, now);
  }

  /** The node was there at this time: `source` is the neighbour through which we know, the node itself, or `BY_RECORD`. */
  saw(nodeId: string, source: string, at: number): void {
    const known = this.#known.get(nodeId);
    if (known && known.seen > at) return;
    // A node that was our neighbour stays its own source: nobody else's excess pushes it out.
    const kept = known?.source === nodeId ? nodeId : source;
    // Once a minute is often enough for a memory of a week.
    if (known?.source === kept && at - known.seen < 60_000) return;
    this.#put(nodeId, at, kept);
    this.#changed.add(nodeId);
    if (this.#known.size > this.#capacity) this.#evict();
  }

  /** Writes what changed since the last call. */
  takeWrites(): StoreWrite[] {
    const writes: StoreWrite[] = [];
    for (const nodeId of this.#changed) {
      const known = this.#known.get(nodeId);
      writes.push(
        known
          ? { op: 'put', table: TABLE, key: nodeId, value: `${known.seen} ${known.source}` }
          : { op: 'delete', table: TABLE, key: nodeId },
      );
    }
    this.#changed.clear();
    return writes;
  }

  #put(nodeId: string, seen: number, source: string): void {
    this.#remove(nodeId);
    this.#known.set(nodeId, { seen, source });
    let brought = this.#bySource.get(source);
    if (!brought) {
      brought = new Set();
      this.#bySource.set(source, brought);
    }
    brought.add(nodeId);
  }

  #remove(nodeId: string): void {
    const known = this.#known.get(nodeId);
    if (!known) return;
    this.#known.delete(nodeId);
    const brought = this.#bySource.get(known.source);
    brought?.delete(nodeId);
    if (brought?.size === 0) this.#bySource.delete(known.source);
  }

  #evict(): void {
    let most: Set<string> | undefined;
    for (const brought of this.#bySource.values()) if (!most || brought.size > most.size) most = brought;
    const [oldest] = most ?? [];
    if (oldest === undefined) return;
    this.#remove(oldest);
    this.#changed.add(oldest);
  }
}
