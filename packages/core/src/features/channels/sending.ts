import type { Identity } from '../../identity/identity.ts';
import type { Ports } from '../../ports/index.ts';
import type { StoreWrite } from '../../ports/store.ts';
import { ParleyError } from '../../util/errors.ts';
import { timeGuid } from '../../util/guid.ts';
import type { Metrics } from '../../util/metrics.ts';
import type { Act } from './act.ts';
import type { CatchUp } from './catch-up.ts';
import type { Channel } from './directory.ts';
import type { History } from './history.ts';
import { keyOf } from './history-keys.ts';
import type { StoredMessage } from './history-row.ts';
import type { Intake } from './intake.ts';
import { type Attachment, type ChannelMessage, signMessage } from './message.ts';
import type { Outgoing } from './outgoing.ts';
import type { SealedMessages } from './sealed-messages.ts';
import type { InlineContent } from './verbs.ts';
import type { Waiting } from './waiting.ts';

export interface SendOptions {
  /** The `msgId` of the message of the same channel that this one answers. */
  readonly replyTo?: string | undefined;
  /** The id of the message, a GUID: then the same call again changes nothing. Otherwise it is given one. */
  readonly msgId?: string | undefined;
  readonly attachments?: readonly (NewAttachment | NewFile)[] | undefined;
}

/** What goes inside a message. `type` is a media type, and `name` that of a file, without folders. */
export interface NewAttachment {
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** A file that is fetched by itself: the message only names it. */
export interface NewFile {
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly sha256: string;
  readonly root: string;
  readonly key: Uint8Array;
}

/** What a message is to say. */
export interface Wanted {
  readonly text: string;
  readonly replyTo?: string | undefined;
  readonly act?: Act;
  /** Seconds after which it goes. */
  readonly lifetime?: number | undefined;
  readonly attachments?: readonly Attachment[];
  readonly contents?: readonly InlineContent[];
}

/** What is done in one step with a message that takes the place of another. */
export interface Instead {
  readonly writes: () => readonly StoreWrite[];
  /** Once that is on disk. */
  readonly done: () => void;
}

export interface SendingDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly metrics: Metrics;
  readonly history: History;
  readonly intake: Intake;
  readonly catchUp: CatchUp;
  readonly sealed: SealedMessages;
  readonly outgoing: Outgoing;
  readonly waiting: Waiting;
}

/** Own messages on their way: numbered, signed, sealed where the channel asks for it, kept, and entrusted to the network. */
export class Sending {
  readonly #deps: SendingDeps;
  /** Messages with an id of the caller's that are on their way to disk, by id. */
  readonly #running = new Map<string, Promise<StoredMessage>>();

  constructor(deps: SendingDeps) {
    this.#deps = deps;
  }

  /** With the `msgId` of an own message that is kept already, that one is the answer. Errors: see `Channels.send`. */
  async send(channel: Channel, wanted: Wanted, msgId?: string): Promise<StoredMessage> {
    if (msgId === undefined) return this.#send(channel, wanted, undefined);
    const running = this.#running.get(msgId);
    if (running) return running.then((message) => same(message, channel, wanted));
    const sent = this.#deps.history.own(msgId).then((kept) => (kept ? same(kept, channel, wanted) : this.#send(channel, wanted, msgId)));
    this.#running.set(msgId, sent);
    try {
      return await sent;
    } finally {
      this.#running.delete(msgId);
    }
  }

  /** Sends in another channel what was written already, under the id that it has. Errors: as for `send`. */
  resend(channel: Channel, wanted: Wanted, msgId: string, instead: Instead): Promise<StoredMessage> {
    return this.#send(channel, wanted, msgId, instead);
  }

  async #send(channel: Channel, wanted: Wanted, givenId: string | undefined, instead?: Instead): Promise<StoredMessage> {
    const { identity, ports, intake, catchUp, sealed, outgoing, waiting, metrics } = this.#deps;
    const { id } = channel;
    // What was written before goes on in another conversation whoever is blocked since.
    if (!instead) sealed.of(channel)?.checkWriting?.(id);
    const known = channel.joined ? catchUp.ownNumbers(channel) : undefined;
    if (known) await known;
    // It is shown a moment before what is held of it is read.
    if (channel.joined && !intake.isOpen(id)) await intake.open(id);
    // Number and time are taken before anything is awaited: messages sent together keep their order.
    const leap = channel.joined ? catchUp.own.leap(id) : undefined;
    const slot = channel.joined ? intake.slot(id, leap?.by) : undefined;
    if (!slot) throw new ParleyError('not-member', notIn(channel));
    try {
      const { seq, after, timestamp: at } = slot;
      const { text, replyTo, act, lifetime, attachments = [], contents = [] } = wanted;
      const msgId = givenId ?? timeGuid(ports.random, ports.clock.now());
      const to = sealed.addressee(channel, identity.nodeId);
      const optional = {
        ...(after === undefined ? {} : { after }),
        ...(replyTo === undefined ? {} : { replyTo }),
        ...(act ? { act } : {}),
        ...(lifetime === undefined ? {} : { lifetime }),
        ...(to === undefined ? {} : { to }),
      };
      const unsigned = { channelId: id, msgId, seq, timestamp: at, text, attachments, ...optional };
      const signed = await signMessage(identity, unsigned);
      const message: ChannelMessage = { ...unsigned, sender: identity.nodeId, keyId: identity.keyId };
      const own = slot.writes(message, signed, contents);
      const writes = [...(instead?.writes() ?? []), ...own, ...(leap?.writes ?? [])];
      const gone = !waiting.any(id) && (await outgoing.carry(channel, { message, signed, contents }, writes));
      if (!gone) await waiting.keep(channel, { msgId, seq, cursor: keyOf(message) }, writes);
      metrics.count('messages_sent');
      instead?.done();
      return slot.kept(message);
    } catch (error) {
      leap?.undo();
      slot.failed();
      throw error;
    }
  }
}

/** Why nothing can be sent to a channel. */
function notIn({ kind, name }: Channel): string {
  if (kind === 'public') return `join #${name} before sending to it`;
  return kind === 'closed' ? `you are not in #${name} any more` : `${name} is no contact of yours any more`;
}

/** The message that an id stands for, if it is the one that was meant. */
function same(message: StoredMessage, { id }: Channel, { text, replyTo, attachments = [] }: Wanted): StoredMessage {
  const digests = (of: readonly Attachment[]): string => of.map(({ sha256 }) => sha256).join();
  const alike = message.text === text && message.replyTo === replyTo && digests(message.attachments) === digests(attachments);
  if (message.channelId === id && alike) return message;
  throw new ParleyError('conflict', 'another message of this node has this id');
}
