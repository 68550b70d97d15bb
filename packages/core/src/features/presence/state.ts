import { LruMap } from '../../util/bounded.ts';
import type { PresenceConfig } from './config.ts';
import { MAX_IDLE_MIN } from './verbs.ts';

const MINUTE = 60_000;

/** What is told of a user: `hidden` where they share it no more. */
export interface Told {
  readonly state: 'here' | 'away' | 'hidden';
  readonly idleMin?: number;
}

/** What is known of a contact: whether they are there, and when they last were, in milliseconds since 1970 by the clock of this node. */
export interface UserPresence {
  readonly state?: 'here' | 'away';
  readonly seen: number;
}

/** Whether the user of this node is there. Times are monotonic milliseconds. Pure. */
export class OwnActivity {
  readonly #awayMs: number;
  #last: number | undefined;
  #here = false;

  constructor(awayMs: number) {
    this.#awayMs = awayMs;
  }

  /** The user does something. True where they were not there before. */
  active(now: number): boolean {
    const came = !this.#here;
    this.#last = now;
    this.#here = true;
    return came;
  }

  /** True where they have gone since the last look. */
  look(now: number): boolean {
    if (!this.#here || now < this.awayAt) return false;
    this.#here = false;
    return true;
  }

  get here(): boolean {
    return this.#here;
  }

  /** When they are away if they do nothing until then. */
  get awayAt(): number {
    return (this.#last ?? 0) + this.#awayMs;
  }

  /** What is to be told now; undefined where nobody has ever been there: of a program nothing is told. */
  told(now: number): Told | undefined {
    if (this.#last === undefined) return undefined;
    if (this.#here) return { state: 'here' };
    return { state: 'away', idleMin: Math.min(MAX_IDLE_MIN, Math.floor((now - this.#last) / MINUTE)) };
  }
}

interface Heard {
  readonly state: 'here' | 'away';
  /** By the clock of who said it. */
  readonly said: number;
  /** Monotonic. */
  readonly until: number;
  readonly seen: number;
}

/** What devices of contacts have told. Pure. */
export class Others {
  readonly #config: PresenceConfig;
  #heard: LruMap<string, Heard>;
  /** Of each device the latest that it said, by its clock. */
  readonly #latest: LruMap<string, number>;

  constructor(config: PresenceConfig) {
    this.#config = config;
    this.#heard = new LruMap(config.capacity);
    this.#latest = new LruMap(config.capacity);
  }

  /** `now`: monotonic and since 1970. False for what is older than what is known. */
  hear(nodeId: string, { state, idleMin = 0 }: Told, said: number, now: { readonly monotonic: number; readonly wall: number }): boolean {
    if (said <= (this.#latest.get(nodeId) ?? Number.NEGATIVE_INFINITY)) return false;
    this.#latest.set(nodeId, said);
    if (state === 'hidden') this.#heard.delete(nodeId);
    else {
      // Its clock may be wrong: what counts is how long ago.
      const seen = now.wall - (state === 'here' ? 0 : idleMin * MINUTE);
      this.#heard.set(nodeId, { state, said, until: now.monotonic + this.#config.livesMs, seen });
    }
    return true;
  }

  forget(nodeId: string): void {
    this.#heard.delete(nodeId);
  }

  clear(): void {
    this.#heard = new LruMap(this.#config.capacity);
  }

  /** What is known of one who has these devices; undefined where nothing is. `reaches`: those to which there is a way now. */
  of(devices: readonly string[], reaches: (nodeId: string) => boolean, now: number): UserPresence | undefined {
    const known = devices.flatMap((nodeId) => {
      const heard = this.#heard.get(nodeId);
      return heard ? [{ ...heard, holds: heard.until > now && reaches(nodeId) }] : [];
    });
    if (known.length === 0) return undefined;
    const seen = Math.max(...known.map((one) => one.seen));
    const holding = known.filter(({ holds }) => holds);
    if (holding.length === 0) return { seen };
    return { state: holding.some(({ state }) => state === 'here') ? 'here' : 'away', seen };
  }
}
