import type { Arrival, Sealing, Verdict } from '../../overlay/index.ts';
import type { StoreWrite } from '../../ports/store.ts';
import { ParleyError } from '../../util/errors.ts';
import type { JsonObject } from '../../wire/json.ts';
import { compactParts, encodeCompact } from '../../wire/jwe.ts';
import type { JwsReader } from '../../wire/jws.ts';
import { timestamp } from '../../wire/message.ts';
import type { DataOf, Verb } from '../../wire/verb.ts';
import type { Channel, ChannelKind } from './directory.ts';
import type { Intake } from './intake.ts';
import { type ChannelMessage, readMessage } from './message.ts';
import { type InlineContent, inlineContents, MAX_JWE_BYTES, type MESSAGE } from './verbs.ts';

/** What of a MESSAGE depends on whether it is sealed. */
interface Dressed {
  readonly channel: string;
  readonly message: string;
  readonly attachment: readonly InlineContent[];
  readonly writes: readonly StoreWrite[];
  /** Node ids. */
  readonly recipients: readonly string[];
}

/** MESSAGE in channels that not everybody may read: the same JWS, sealed on its way (WIRE "MESSAGE"). */
export class SealedMessages {
  readonly #reader: JwsReader;
  readonly #intake: Intake;
  readonly #sealings = new Map<ChannelKind, Sealing>();

  constructor(reader: JwsReader, intake: Intake) {
    this.#reader = reader;
    this.#intake = intake;
  }

  /** Declares how conversations of a kind are sealed. */
  use(kind: 'closed' | 'direct', sealing: Sealing): void {
    this.#sealings.set(kind, sealing);
  }

  /** How a channel is sealed; undefined where it is public. Errors: `unsupported` where nothing was declared. */
  of({ kind }: Channel): Sealing | undefined {
    if (kind === 'public') return undefined;
    const sealing = this.#sealings.get(kind);
    if (!sealing) throw new ParleyError('unsupported', 'this node cannot seal what is said there');
    return sealing;
  }

  /** A signed message and what is attached to it, as MESSAGE carries it. `later`: it cannot be sealed for now. */
  async dress(
    channel: Channel,
    msgId: string,
    { signed, contents }: { readonly signed: string; readonly contents: readonly InlineContent[] },
    recipients: readonly string[],
  ): Promise<Dressed | 'later'> {
    const sealing = this.of(channel);
    if (!sealing) return { channel: channel.name, message: signed, attachment: contents, writes: [], recipients };
    const content = { message: signed, ...(contents.length > 0 ? { attachment: contents.map((one) => ({ ...one })) } : {}) };
    const sealed = await sealing.seal(channel.id, content, { msgId, recipients });
    if (sealed === 'later') return 'later';
    const { compact, writes = [], recipients: able = recipients } = sealed;
    if (compact.length > MAX_JWE_BYTES) throw new ParleyError('too-large', 'text and attachments are too much for one sealed message');
    return { channel: '', message: encodeCompact(compact), attachment: [], writes, recipients: able };
  }

  /** A MESSAGE that reached us sealed, its origin proved. */
  async receive(channel: Channel, { data, message: envelope, origin }: Arrival<DataOf<typeof MESSAGE>>): Promise<Verdict> {
    const sealing = this.of(channel);
    if (!sealing) return drop('message-sealed');
    const opened = await sealing.open(channel.id, { origin, msgId: data.msg_id, parts: compactParts(data.message) ?? [] });
    if (opened.verdict !== 'opened') return opened;
    const signed = opened.content.message;
    const contents = opened.content.attachment ?? [];
    if (typeof signed !== 'string' || !inlineContents.check(contents)) return drop('message-schema');
    const message = await readMessage(this.#reader, signed);
    if (typeof message === 'string') return drop(message);
    // What is inside is the author's word, and what is outside must be the same.
    const agrees =
      message.sender === origin &&
      message.msgId === data.msg_id &&
      message.channelId === data.channel_id &&
      timestamp(message.timestamp) === data.timestamp;
    if (!agrees) return drop('message-disagrees');
    if (!this.#isAddressed(channel, message)) return drop('message-addressee');
    const verdict = await this.#intake.admit(message, signed, { via: envelope.via || [] }, contents);
    if (verdict.verdict !== 'accept' || !opened.writes) return verdict;
    return { ...verdict, writes: [...(verdict.writes ?? []), ...opened.writes] };
  }

  /** Whether what a member says of a channel came in the way that the channel asks for. */
  admits(channel: Channel, arrival: Pick<Arrival<unknown>, 'origin' | 'sealed' | 'data'>): boolean {
    const sealing = this.of(channel);
    return sealing ? arrival.sealed !== undefined && sealing.admits(channel.id, arrival) : arrival.sealed === undefined;
  }

  /** Says something to one member in that way. `clear`: how it is said in a public channel. */
  say<N extends string, D extends object>(
    channel: Channel,
    nodeId: string,
    verb: Verb<N, D>,
    data: Omit<D, 'node_id' | 'msg_id' | 'recipient_id'>,
    clear: (data: JsonObject) => Promise<unknown>,
  ): Promise<unknown> {
    const sealing = this.of(channel);
    return sealing ? sealing.say(channel.id, nodeId, verb, data) : clear(data as unknown as JsonObject);
  }

  /** The key id that an author's message in a channel names, if any. */
  addressee(channel: Channel, author: string): string | undefined {
    return this.of(channel)?.addressee?.(channel.id, author);
  }

  #isAddressed(channel: Channel, { sender, to }: ChannelMessage): boolean {
    return channel.kind === 'public' || to === this.addressee(channel, sender);
  }

  /** Of what its author gave by catch-up: the author may have been told that it cannot be delivered. Only where there are only the two. */
  toSignFor({ kind }: Channel, author: string, taken: readonly ChannelMessage[]): string[] {
    return kind === 'direct' ? taken.filter(({ sender }) => sender === author).map(({ msgId }) => msgId) : [];
  }

  /** Whether a message that is given by catch-up belongs into the channel. */
  belongs(channel: Channel, message: ChannelMessage): boolean {
    const sealing = this.of(channel);
    if (!sealing) return true;
    return sealing.mayHaveWritten(channel.id, message.sender, message.timestamp) && this.#isAddressed(channel, message);
  }

  /** Whether it counts when this member gives it. */
  vouches(channel: Channel, member: string, { sender }: ChannelMessage): boolean {
    return this.of(channel)?.vouches?.(channel.id, member, sender) ?? true;
  }
}

const drop = (reason: string): Verdict => ({ verdict: 'drop', reason });
