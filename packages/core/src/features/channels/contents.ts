import { base64, fromBase64 } from '../../util/base64.ts';
import { LruMap } from '../../util/bounded.ts';
import { UNKNOWN_TYPE } from '../../util/media-types.ts';
import type { Metrics } from '../../util/metrics.ts';
import { type Attachments, inline } from './attachments.ts';
import type { ChannelMessage } from './message.ts';
import { type InlineContent, MAX_ATTACHMENTS } from './verbs.ts';

/** Digests that one member is to be asked for, and pairs of member and channel of which it is known. */
const MAX_WANTED = 1000;
const MAX_ASKED = 500;

/** Of a message, by its sender and number. */
type Sees = (sender: string, seq: number) => boolean | Promise<boolean>;

/** What messages that came by catch-up lack: a JWS is passed on without what was attached to it, which is asked for by its digest. */
export class Contents {
  readonly #attachments: Attachments;
  readonly #metrics: Metrics;
  readonly #wanted = new LruMap<string, Set<string>>(MAX_ASKED);

  constructor(attachments: Attachments, metrics: Metrics) {
    this.#attachments = attachments;
    this.#metrics = metrics;
  }

  /** Notes what of these messages is not here. */
  async lack(member: string, channelId: string, messages: readonly ChannelMessage[]): Promise<void> {
    for (const message of messages) {
      for (const attachment of inline(message.attachments)) {
        if ((await this.#attachments.stateOf(message, attachment)) !== 'here') this.want(member, channelId, attachment.sha256);
      }
    }
  }

  want(member: string, channelId: string, sha256: string): void {
    const key = `${member} ${channelId}`;
    const wanted = this.#wanted.get(key) ?? new Set();
    if (wanted.size < MAX_WANTED) wanted.add(sha256);
    this.#wanted.set(key, wanted);
  }

  /** What a member is to be asked for now. */
  next(member: string, channelId: string): string[] {
    return [...(this.#wanted.get(`${member} ${channelId}`) ?? [])].slice(0, MAX_ATTACHMENTS);
  }

  /** Takes what a member gave. Whether any of it had been asked for. Errors: those of the store. */
  async take(member: string, channelId: string, given: readonly InlineContent[]): Promise<boolean> {
    const wanted = this.#wanted.get(`${member} ${channelId}`);
    let some = false;
    for (const { attachment } of given) {
      const bytes = fromBase64(attachment);
      const digest = bytes && (await this.#attachments.complete(channelId, bytes));
      if (digest !== undefined && wanted?.delete(digest)) some = true;
      else this.#metrics.reject('attachment-unasked');
    }
    return some;
  }

  /** Content that was given in a channel, by digest: so many bytes of it, and one at least. `sees`: whether the asker may see a message. */
  async give(channelId: string, digests: readonly string[], most: number, sees: Sees): Promise<InlineContent[]> {
    const given: InlineContent[] = [];
    let bytes = 0;
    for (const digest of digests) {
      const content = (await this.#isSeen(digest, channelId, sees)) && (await this.#attachments.content(digest));
      if (!content) continue;
      bytes += content.length;
      if (given.length > 0 && bytes > most) break;
      given.push({ attachment: base64(content), attachment_type: UNKNOWN_TYPE });
    }
    return given;
  }

  async #isSeen(digest: string, channelId: string, sees: Sees): Promise<boolean> {
    for (const { sender, seq } of await this.#attachments.givenWith(digest, channelId)) if (await sees(sender, seq)) return true;
    return false;
  }
}
