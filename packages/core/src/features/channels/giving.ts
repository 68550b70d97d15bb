import type { Ports } from '../../ports/index.ts';
import { type Rate, TokenBuckets } from '../../util/bounded.ts';
import type { DataOf } from '../../wire/verb.ts';
import type { Contents } from './contents.ts';
import type { Channel } from './directory.ts';
import { goneNumbers } from './gone.ts';
import type { History } from './history.ts';
import { timeIn } from './history-keys.ts';
import { type HISTORY, MAX_HISTORY, type WANT } from './verbs.ts';
import type { Visible } from './visible.ts';
import { merged, type Wish } from './wanting.ts';

/** Bytes of messages, in base64, in one HISTORY; fewer where base64 of that goes twice around it. One message more may go above it. */
const HISTORY_BYTES = 512 * 1024;
const SEALED_HISTORY_BYTES = 128 * 1024;
/** Numbers that are looked at for one WANT: what is deleted gives nothing, and can be wished for again and again. */
const MAX_PLACES = 2000;
/** Answers to one member. */
const ANSWERS: Rate = { perSecond: 5, burst: 20 };

export interface GivingDeps {
  readonly ports: Ports;
  readonly history: History;
  readonly visible: Visible;
  readonly contents: Contents;
}

type Given = Pick<DataOf<typeof HISTORY>, 'messages' | 'attachment' | 'gone'>;

/** What a member is given of what it asks for by WANT. */
export class Giving {
  readonly #deps: GivingDeps;
  readonly #askers = new TokenBuckets(2000);

  constructor(deps: GivingDeps) {
    this.#deps = deps;
  }

  /** A question of some bytes is answered with half a megabyte: each member may ask so often, whatever it asks for. */
  mayAsk(nodeId: string): boolean {
    const now = this.#deps.ports.clock.monotonic();
    return this.#askers.of(nodeId, ANSWERS, now).take(now);
  }

  /** As much as one HISTORY holds; undefined where there is nothing of it. */
  async answer(channel: Channel, nodeId: string, data: DataOf<typeof WANT>, sealed: boolean): Promise<Given | undefined> {
    const { history, visible, contents } = this.#deps;
    const messages: string[] = [];
    const since = await visible.since(channel, nodeId);
    const most = sealed ? SEALED_HISTORY_BYTES : HISTORY_BYTES;
    const gone: Wish[] = [];
    let [bytes, left] = [0, MAX_PLACES];
    for (const { node_id, from, to } of data.want.slice(0, MAX_HISTORY)) {
      const count = Math.min(MAX_HISTORY - messages.length, left);
      if (count <= 0 || bytes >= most) break;
      const places = await history.places(channel.id, node_id, from, to, count);
      left -= places.length;
      gone.push(...merged(goneNumbers(places).map((seq) => ({ from: seq, to: seq }))).map((range) => ({ node_id, ...range })));
      for (const signed of await history.signed(places, { bytes: most - bytes, since })) {
        messages.push(signed);
        bytes += signed.length;
      }
    }
    const sees = async (sender: string, seq: number): Promise<boolean> =>
      since === 0 || (await history.places(channel.id, sender, seq, seq, 1)).some(({ value }) => timeIn(String(value)) >= since);
    const attachment = bytes < most ? await contents.give(channel.id, data.attachment ?? [], most - bytes, sees) : [];
    if (messages.length === 0 && attachment.length === 0 && gone.length === 0) return undefined;
    const beside = { ...(attachment.length > 0 ? { attachment } : {}), ...(gone.length > 0 ? { gone: gone.slice(0, MAX_HISTORY) } : {}) };
    return { messages, ...beside };
  }
}
