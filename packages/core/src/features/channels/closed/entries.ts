import type { Overlay } from '../../../overlay/index.ts';
import type { Ports } from '../../../ports/index.ts';
import { LruMap } from '../../../util/bounded.ts';
import type { SealingTarget } from '../../../wire/jwe.ts';
import { CHANNEL, MAX_TOLD_ENTRIES } from '../verbs.ts';
import type { ClosedBook } from './book.ts';
import type { ClosedChannel } from './channel.ts';
import type { Entry } from './entry.ts';
import type { Rekeying } from './rekeying.ts';

/** A member that holds other entries is told ours again only after this long. */
const TELL_AGAIN_MS = 20_000;
/** How far ahead of our clock an entry may be dated, and how far what stands alone may lie from when it was sent (as for `auth`). */
const WINDOW_MS = 15 * 60_000;

export interface EntriesDeps {
  readonly ports: Ports;
  readonly self: string;
  readonly overlay: Overlay;
  readonly book: ClosedBook;
  readonly rekeying: Rekeying;
}

/** Entries on their way from member to member: alone when they are made, and all of them where somebody lacks some. */
export class Entries {
  readonly #deps: EntriesDeps;
  /** By channel and member: when, and of what. */
  readonly #told = new LruMap<string, { readonly at: number; readonly digest: string }>(2000);

  constructor(deps: EntriesDeps) {
    this.#deps = deps;
  }

  /** Reads what somebody tells; or why it is refused, as a whole. */
  async read(channelId: string, signed: readonly string[]): Promise<Entry[] | string> {
    const { book, ports } = this.#deps;
    const found: Entry[] = [];
    const known = new Map(book.get(channelId)?.state.effective.map((entry) => [entry.digest, entry]));
    for (const text of signed) {
      const entry = known.get(book.entries.digest(text)) ?? (await book.entries.read(channelId, text));
      if (!entry) return 'entry-signature';
      if (entry.time > ports.clock.now() + WINDOW_MS) return 'entry-ahead';
      found.push(entry);
    }
    return found;
  }

  /** Whether an entry was made when it was sent: what is older comes with all the others, from a member. */
  isFresh(entry: Entry, sent: number): boolean {
    return Math.abs(entry.time - sent) <= WINDOW_MS;
  }

  /** Tells all members, when nobody who is gone can read it any more. Errors: those of the store, `closed`. */
  async tell(channel: ClosedChannel, signed: readonly string[], to = this.#others(channel)): Promise<void> {
    const { overlay, rekeying } = this.#deps;
    await rekeying.clean(channel);
    const { current, id: channelId } = channel;
    if (!current || channel.needsEpoch || to.length === 0) return;
    for (let at = 0; at < signed.length; at += MAX_TOLD_ENTRIES) {
      const data = { ...this.#about(channel), entries: signed.slice(at, at + MAX_TOLD_ENTRIES) };
      await overlay.sealed.send(CHANNEL, data, { key: current, channelId, recipients: to }, { group: channelId });
    }
  }

  /** Tells one who is no member, by certificate. */
  async tellStranger(channel: ClosedChannel, signed: readonly string[], target: SealingTarget): Promise<void> {
    await this.#deps.overlay.sealed.send(CHANNEL, { ...this.#about(channel), entries: [...signed] }, { target });
  }

  /** A member holds other entries: it gets ours, unless it did just now and they are still the same. */
  async compare(channel: ClosedChannel, nodeId: string): Promise<void> {
    const at = this.#deps.ports.clock.monotonic();
    const key = `${channel.id} ${nodeId}`;
    const { digest } = channel;
    const last = this.#told.get(key);
    if (last?.digest === digest && at - last.at < TELL_AGAIN_MS) return;
    this.#told.set(key, { at, digest });
    await this.tell(channel, channel.signed(), [nodeId]);
  }

  #others(channel: ClosedChannel): string[] {
    return channel.joined().filter((nodeId) => nodeId !== this.#deps.self);
  }

  #about({ id, state, creator, nonce }: ClosedChannel) {
    return { channel: state.name, channel_id: id, members: [], closed: true, creator, nonce };
  }
}
