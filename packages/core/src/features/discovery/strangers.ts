import { LruMap } from '../../util/bounded.ts';

/** A node that announced itself. Times are of the monotonic clock but `time`. */
export interface Stranger {
  readonly keyId: string;
  readonly nodeId: string;
  /** `HOST:PORT` where it says to listen, the latest last; it may be heard by several interfaces. */
  addresses: string[];
  /** Of its latest announcement, by its own clock. */
  time: number;
  failures: number;
  /** Not dialled before. */
  notBefore: number;
  /** A dial is decided on, or under way. */
  busy: boolean;
}

const MAX_ADDRESSES = 4;

/** Who was heard on the local network: what is remembered of each, and whether and when to dial. No time, no I/O of its own. */
export class Strangers {
  readonly #known: LruMap<string, Stranger>;

  constructor(capacity: number) {
    this.#known = new LruMap(capacity);
  }

  get size(): number {
    return this.#known.size;
  }

  /** Whether an announcement says anything new: a node, an address or a later time. An old one that is sent again does not. */
  isNews(keyId: string, time: number, address: string): boolean {
    const known = this.#known.get(keyId);
    return !known || time > known.time || (time === known.time && !known.addresses.includes(address));
  }

  /** Notes an announcement whose signature fits. `isNew`: nobody of that key was remembered. */
  heard(who: { readonly keyId: string; readonly nodeId: string }, time: number, address: string): { stranger: Stranger; isNew: boolean } {
    const known = this.#known.get(who.keyId);
    const stranger = known ?? { ...who, addresses: [], time, failures: 0, notBefore: 0, busy: false };
    // Of an earlier moment are the addresses of an earlier network.
    const kept = stranger.time === time ? stranger.addresses.filter((other) => other !== address) : [];
    stranger.addresses = [...kept, address].slice(-MAX_ADDRESSES);
    stranger.time = time;
    if (!known) this.#known.set(who.keyId, stranger);
    return { stranger, isNew: !known };
  }
}

/** The address to try: another one after each failure. */
export function addressToTry({ addresses, failures }: Stranger): string | undefined {
  return addresses[failures % Math.max(1, addresses.length)];
}

/**
 * Milliseconds until a node may be dialled. Both sides hear each other, and one link is enough: the lower id goes first, the higher
 * waits until that should have come to something.
 */
export function dialDelay(
  self: string,
  stranger: Stranger,
  at: { readonly now: number; readonly random: number; readonly withinMs: number },
): number {
  const { now, random, withinMs } = at;
  const turn = self < stranger.nodeId ? random * withinMs : (2 + random) * withinMs;
  return Math.max(turn, stranger.notBefore - now);
}

/** Milliseconds until the next announcement: where many are heard, all together still say about `crowd` in the usual time. */
export function announceDelay(
  heard: number,
  options: { readonly announceMs: number; readonly crowd: number; readonly random: number },
): number {
  return options.announceMs * Math.max(1, heard / options.crowd) * (0.5 + options.random / 2);
}
