import type { Link } from '../../link/index.ts';
import { LruMap } from '../../util/bounded.ts';
import { type Message, parseTimestamp } from '../../wire/message.ts';

interface Entry {
  /** As newcomers get it: text takes far less memory than what it says, and is ready to be sent. Undefined when it goes no further. */
  readonly json: string | undefined;
  /** Key id of its origin. */
  readonly key: string | undefined;
  /** When it was made, in milliseconds since 1970. */
  readonly time: number;
}

/** Floods are replayed while their time is inside the window in which everybody takes them. */
const REPLAY_MS = 14 * 60_000;

/** The latest floods about each channel and member, for neighbours who come now. Bounded by number and by bytes. */
export class Replay {
  readonly #floods: LruMap<string, Entry>;

  constructor(limits: { replayCapacity: number; replayBytes: number }) {
    this.#floods = new LruMap(limits.replayCapacity, {
      maxWeight: limits.replayBytes,
      weigh: ({ json }, about) => about.length + (json?.length ?? 0),
    });
  }

  /** Keeps a flood in place of the one before it about the same, unless that is the later one. */
  remember(about: string, message: Message): void {
    const time = parseTimestamp(message.auth?.time ?? '') ?? 0;
    const known = this.#floods.get(about);
    if (known && known.time > time) return;
    const json = message.ttl > 1 ? JSON.stringify({ ...message, ttl: message.ttl - 1 }) : undefined;
    this.#floods.set(about, { json, key: message.auth?.key, time });
  }

  /** Key id of the origin of what is remembered, while that is fresh. */
  originOf(about: string, now: number): string | undefined {
    const known = this.#floods.get(about);
    return known && known.time >= now - REPLAY_MS ? known.key : undefined;
  }

  /** Hands a new neighbour what it missed, as it was signed; where `only` is given, what has this origin. */
  greet(link: Link, now: number, only: string | undefined): void {
    for (const [about, { json, key, time }] of this.#floods.entries()) {
      if (time < now - REPLAY_MS) this.#floods.delete(about);
      else if (json === undefined || (only !== undefined && key !== only)) continue;
      // A link that sheds floods has had enough of them.
      else if (!link.send(json, 'discovery')) break;
    }
  }
}
