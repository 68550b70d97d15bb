import { LruMap } from '../../util/bounded.ts';

/** Whoever goes on typing says so again after this long, or with the next key; what was said last holds longer than two of them, so that one may be lost. */
const REPEAT_MS = 4000;
export const LIVES_MS = 12_000;

/** Times of what was said last are remembered of so many, by node and channel. */
const MAX_TIMES = 2000;

/** When this user's typing is to be told, by channel. Times are monotonic milliseconds. Pure. */
export class OwnTyping {
  readonly #told = new LruMap<string, { readonly at: number; readonly typing: boolean }>(500);

  /** What is to be said now; undefined: nothing. */
  next(channelId: string, typing: boolean, now: number): boolean | undefined {
    const last = this.#told.get(channelId);
    const holds = last?.typing === true && now - last.at < LIVES_MS;
    if (typing ? last !== undefined && now - last.at < REPEAT_MS : !holds) return undefined;
    // That it is over does not count: whoever begins again at once waits all the same.
    this.#told.set(channelId, { at: typing ? now : (last?.at ?? now), typing });
    return typing;
  }

  /** The message was sent, which says it all. */
  sent(channelId: string): void {
    const last = this.#told.get(channelId);
    if (last) this.#told.set(channelId, { ...last, typing: false });
  }
}

/** Who is typing where, by what they say. `now` is monotonic, `said` by their own clock. Pure. */
export class OthersTyping {
  /** By channel and node: until when it holds. */
  readonly #until = new Map<string, Map<string, number>>();
  /** By node and channel: when they said, or wrote, the latest that was heard. What is older comes late, or is brought again by somebody. */
  readonly #latest = new LruMap<string, number>(MAX_TIMES);
  readonly #maxEach: number;

  /** `maxEach`: nodes in one channel. */
  constructor(maxEach: number) {
    this.#maxEach = maxEach;
  }

  /** False where it is not taken: it is old, or there are too many. */
  heard(channelId: string, nodeId: string, typing: boolean, said: number, now: number): boolean {
    const key = `${nodeId} ${channelId}`;
    if (said <= (this.#latest.get(key) ?? Number.NEGATIVE_INFINITY)) return false;
    const nodes = this.#until.get(channelId) ?? new Map<string, number>();
    if (typing && !nodes.has(nodeId) && nodes.size >= this.#maxEach) return false;
    this.#latest.set(key, said);
    if (typing) this.#until.set(channelId, nodes.set(nodeId, now + LIVES_MS));
    else this.#end(channelId, nodeId);
    return true;
  }

  /** A message came: they have stopped, unless they began anew after it. */
  wrote(channelId: string, nodeId: string, written: number): void {
    const key = `${nodeId} ${channelId}`;
    const latest = this.#latest.get(key) ?? Number.NEGATIVE_INFINITY;
    if (written >= latest) this.#end(channelId, nodeId);
    this.#latest.set(key, Math.max(latest, written));
  }

  /** Those who type in a channel, in the order in which they began. */
  in(channelId: string): string[] {
    return [...(this.#until.get(channelId)?.keys() ?? [])];
  }

  channels(): string[] {
    return [...this.#until.keys()];
  }

  /** Lets go of what holds no more. Returns when the next ends, if any. */
  expire(now: number): number | undefined {
    let next: number | undefined;
    for (const [channelId, nodes] of this.#until) {
      for (const [nodeId, until] of nodes) {
        if (until <= now) this.#end(channelId, nodeId);
        else next = Math.min(next ?? until, until);
      }
    }
    return next;
  }

  clear(): void {
    this.#until.clear();
  }

  #end(channelId: string, nodeId: string): void {
    const nodes = this.#until.get(channelId);
    nodes?.delete(nodeId);
    if (nodes?.size === 0) this.#until.delete(channelId);
  }
}
