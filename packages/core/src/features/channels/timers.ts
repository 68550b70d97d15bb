import type { Store } from '../../ports/store.ts';
import { ParleyError } from '../../util/errors.ts';
import type { Act } from './act.ts';
import type { ChannelChange } from './change.ts';
import type { Closed } from './closed/index.ts';
import type { Channel } from './directory.ts';
import { ACTS, actsOn } from './history-keys.ts';
import { readRow, type StoredMessage } from './history-row.ts';
import { MAX_LIFETIME_S, type MessageTimer, MIN_LIFETIME_S } from './lifetime.ts';

const KIND = 'timer';
/** Acts that are looked through at a time, the latest first, for the one that counts: later ones may say nothing that is understood. */
const PAGE = 500;

export interface TimersDeps {
  readonly store: Store;
  readonly closed: Closed;
  /** A conversation, and those that it goes on from since a key of one of the two was replaced, the latest first. */
  readonly line: (channelId: string) => readonly string[];
}

/**
 * How long messages of a conversation last. In a closed channel a signed entry among those of its members says so; in a conversation of two an
 * act of either, about the conversation itself. Public channels have none: what everybody may have copied does not disappear.
 */
export class Timers {
  readonly #deps: TimersDeps;
  /** Of conversations of two: the act that counts. */
  readonly #direct = new Map<string, Pick<StoredMessage, 'timestamp' | 'sender' | 'seq' | 'text'>>();

  constructor(deps: TimersDeps) {
    this.#deps = deps;
  }

  async open(channelId: string): Promise<void> {
    for (const id of this.#deps.line(channelId)) await this.#open(id);
  }

  /** Changes of the timer of a conversation of two, oldest first, as far as the latest acts about it tell. Errors: those of the store. */
  async changes(channelId: string): Promise<ChannelChange[]> {
    const lines = await Promise.all(this.#deps.line(channelId).map((id) => this.#latest(id, `${actsOn(id, id, 1)}~`)));
    const acts = lines.flat().flatMap(({ key, value }) => readRow(key, value as string) ?? []);
    let last = 0;
    return acts
      .sort((a, b) => (isLater(a, b) ? 1 : -1))
      .flatMap((message): ChannelChange[] => {
        // The sender chose its id, and might give the same one twice.
        const { cursor: id, timestamp: at, sender: by } = message;
        const seconds = secondsIn(message);
        if (seconds === undefined || seconds === last) return [];
        last = seconds;
        return [{ id, at, by, kind: 'timer', seconds }];
      });
  }

  #latest(channelId: string, before: string) {
    return this.#deps.store.range(ACTS, { gt: actsOn(channelId, channelId, 1), lt: before, limit: PAGE, reverse: true });
  }

  async #open(channelId: string): Promise<void> {
    // What either of the two may keep here is bounded, and so is the search.
    for (let before = `${actsOn(channelId, channelId, 1)}~`; ; ) {
      const rows = await this.#latest(channelId, before);
      for (const { key, value } of rows) {
        before = key;
        const message = readRow(key, value as string);
        if (message && this.heard(message)) return;
      }
      if (rows.length < PAGE) return;
    }
  }

  /** An act is on disk. Whether it changes the timer of its conversation. */
  heard(message: StoredMessage): boolean {
    const { channelId } = message;
    if (secondsIn(message) === undefined) return false;
    const known = this.#direct.get(channelId);
    if (known && !isLater(message, known)) return false;
    this.#direct.set(channelId, message);
    return true;
  }

  of({ id, kind }: Channel): MessageTimer | undefined {
    if (kind === 'closed') return this.#deps.closed.timer.of(id);
    const said = kind === 'direct' ? this.#deps.line(id).find((one) => this.#direct.has(one)) : undefined;
    const act = said === undefined ? undefined : this.#direct.get(said);
    return act && { seconds: Number(act.text), by: act.sender, at: act.timestamp };
  }

  /** What messages that are written now carry. */
  lifetime(channel: Channel): number | undefined {
    return this.of(channel)?.seconds || undefined;
  }
}

/** What a message says of the timer of its conversation; undefined for what says nothing of it that is understood. */
function secondsIn({ channelId, act, text }: StoredMessage): number | undefined {
  if (act?.kind !== KIND || act.sender !== channelId || !/^\d{1,7}$/.test(text)) return undefined;
  return isLifetime(Number(text)) ? Number(text) : undefined;
}

/** What is said in a conversation of two to set its timer. */
export function timerAct({ id }: Channel, seconds: number): { readonly text: string; readonly act: Act } {
  return { text: String(seconds), act: { kind: KIND, msgId: id, sender: id, seq: 1 } };
}

/** Throws `bad-argument` for what is no lifetime: seconds, or 0 for none. */
export function checkLifetime(seconds: number): void {
  if (!isLifetime(seconds)) throw new ParleyError('bad-argument', 'messages last from one minute to four weeks, or stay (0)');
}

function isLifetime(seconds: number): boolean {
  return seconds === 0 || (Number.isInteger(seconds) && seconds >= MIN_LIFETIME_S && seconds <= MAX_LIFETIME_S);
}

type Placed = Pick<StoredMessage, 'timestamp' | 'sender' | 'seq'>;

function isLater(a: Placed, b: Placed): boolean {
  return a.timestamp !== b.timestamp ? a.timestamp > b.timestamp : a.sender !== b.sender ? a.sender > b.sender : a.seq > b.seq;
}
