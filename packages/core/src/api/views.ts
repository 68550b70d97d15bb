import { type ChannelInfo, type DeliveryState, deadlineOf, type Standing, type StoredMessage } from '../features/channels/index.ts';
import type { Link } from '../link/index.ts';
import type { Node } from '../node.ts';
import type { Path, Whereabouts } from '../overlay/index.ts';
import { errorCode } from '../util/errors.ts';
import { attachmentViews } from './files.ts';
import { People } from './people.ts';
import type { ChannelView, DeliveryView, LinkView, MemberView, MessageView, PathView, Person, RecordView } from './types.ts';

const rfc3339 = (ms: number): string => new Date(ms).toISOString();

/** What a node knows, in the words of the local API. */
export class Views {
  readonly #node: Node;
  readonly #people: People;

  constructor(node: Node) {
    this.#node = node;
    this.#people = new People(node);
  }

  person(nodeId: string, key?: string): Person {
    return this.#people.person(nodeId, key);
  }

  channel(info: ChannelInfo): ChannelView {
    const { id, name, kind, joined, owner, unread, timer, ended } = info;
    const members = info.members - this.#furtherDevices(id);
    const lasts = timer && { timer: { seconds: timer.seconds, by: this.person(timer.by), time: rfc3339(timer.at) } };
    const role = kind === 'closed' ? this.#node.channels.closed.role(id) : undefined;
    const past = ended && {
      ended: { time: rfc3339(ended.at), removed: ended.removed, ...(ended.by === undefined ? {} : { by: this.person(ended.by) }) },
    };
    const optional = { ...(owner === undefined ? {} : { owner }), ...(role === undefined ? {} : { role }), ...lasts, ...past };
    return { id, name, kind, joined, members, unread, ...optional };
  }

  /** How many members of a channel are further devices of people who are counted already. */
  #furtherDevices(channelId: string): number {
    const { channels, devices } = this.#node;
    if (devices.knowsNone) return 0;
    const nodes = channels.members(channelId);
    return nodes.length - new Set(nodes.map((nodeId) => devices.personNow(nodeId))).size;
  }

  /** Who is in a channel; of a closed one with their roles, and who is invited. */
  members(channelId: string): MemberView[] {
    const { channels } = this.#node;
    const { kind, joined } = channels.find(channelId);
    // Of one that the user is in no more nobody is known.
    if (kind !== 'closed' || !joined) return channels.members(channelId).map((nodeId) => this.person(nodeId));
    return channels.closed.members(channelId).map(({ nodeId, key, role, joined }) => ({
      ...this.person(nodeId, key),
      role,
      ...(joined ? {} : { invited: true }),
    }));
  }

  record(record: Whereabouts): RecordView {
    return {
      node: this.person(record.nodeId, record.keyId),
      node_type: record.nodeType,
      endpoints: [...record.endpoints],
      attachments: record.attachments.map(({ nodeId, keyId, endpoints }) => ({
        node: this.person(nodeId, keyId),
        endpoints: [...endpoints],
      })),
      seq: record.seq,
      last_seen: rfc3339(record.time),
      expires: rfc3339(record.expires),
    };
  }

  path(path: Path): PathView {
    const { kind, next, through, endpoint, hops, guessed, latencyMs, reliability, cost, chosen, why } = path;
    return {
      kind,
      next: this.person(next),
      ...(through === undefined ? {} : { through: this.person(through) }),
      ...(endpoint === undefined ? {} : { endpoint }),
      hops,
      guessed,
      ...(latencyMs === undefined ? {} : { latency_ms: latencyMs }),
      reliability,
      cost,
      chosen,
      why,
    };
  }

  /** `channel`: the name of its channel. */
  async message(message: StoredMessage, channel: string): Promise<MessageView> {
    const { identity, contacts, channels, devices } = this.#node;
    const former = contacts.rotation.isFormer(message.sender);
    const own = former || devices.isOwn(message.sender);
    // What was said under an earlier key is shown where the conversation goes on.
    const channelId = channels.archive.home(message.channelId);
    const missing = channels.archive.missingBefore(message);
    const expires = deadlineOf(message, message.received);
    const delivery = former || message.sender === identity.nodeId ? await channels.delivery(message.msgId) : undefined;
    return {
      msg_id: message.msgId,
      channel_id: channelId,
      channel,
      ...this.#channelKind(channelId),
      sender: this.person(message.sender, message.keyId),
      own,
      seq: message.seq,
      ...(missing === 0 ? {} : { missing }),
      time: rfc3339(message.timestamp),
      received: rfc3339(message.received),
      ...(expires === undefined ? {} : { expires: rfc3339(expires) }),
      text: message.text,
      ...(message.replyTo === undefined ? {} : { reply_to: message.replyTo }),
      ...(message.attachments.length > 0 ? { attachments: await attachmentViews(this.#node, message) } : {}),
      ...(message.way.via === undefined ? {} : { via: [...message.way.via] }),
      ...(message.way.givenBy === undefined ? {} : { given_by: this.person(message.way.givenBy) }),
      cursor: message.cursor,
      ...(delivery ? { delivery: this.delivery(delivery) } : {}),
      ...(message.channelId !== channelId ? { earlier: 'conversation' } : former ? { earlier: 'key' } : {}),
      ...this.#standing(message.standing),
    };
  }

  #standing({ edited, deleted, reactions, pinned }: Standing = {}): Pick<MessageView, 'edited' | 'deleted' | 'reactions' | 'pinned'> {
    const done = ({ by, at }: { readonly by: string; readonly at: number }) => ({ by: this.person(by), time: rfc3339(at) });
    return {
      ...(edited ? { edited: rfc3339(edited.at) } : {}),
      ...(deleted ? { deleted: done(deleted) } : {}),
      ...(reactions
        ? {
            reactions: reactions.map(({ emoji, by }) => ({
              emoji,
              by: by.map((nodeId) => this.person(nodeId)),
              own: by.some((nodeId) => this.#node.devices.isOwn(nodeId)),
            })),
          }
        : {}),
      ...(pinned ? { pinned: done(pinned) } : {}),
    };
  }

  delivery({ state, recipients }: DeliveryState): DeliveryView {
    return {
      state,
      recipients: Object.entries(recipients).map(([nodeId, recipient]) => ({
        node_id: nodeId,
        display: this.#people.display(nodeId),
        ...this.#people.deviceOf(nodeId),
        ...(this.#node.devices.isOwn(nodeId) ? { own: true } : {}),
        state: recipient.state,
        ...(recipient.by === undefined ? {} : { by: recipient.by }),
        ...(recipient.reason === undefined ? {} : { reason: recipient.reason }),
      })),
    };
  }

  link({ peer, connection, latencyMs }: Link): LinkView {
    return {
      peer: this.person(peer.nodeId, peer.keyId),
      node_type: peer.nodeType,
      address: connection.remoteAddress,
      dialled: connection.dialled,
      transport: connection.transport,
      latency_ms: Math.round(latencyMs * 1000) / 1000,
      version: peer.version,
      queued_bytes: connection.queued,
    };
  }

  #channelKind(channelId: string): Pick<MessageView, 'channel_kind'> {
    const kind = this.#node.channels.kindOf(channelId);
    return kind === undefined || kind === 'public' ? {} : { channel_kind: kind };
  }

  /** The name of a channel; of one that was forgotten since, its id. */
  channelName(channelId: string): string {
    try {
      const { channels } = this.#node;
      return channels.find(channels.archive.home(channelId)).name;
    } catch (error) {
      if (errorCode(error) === 'not-found') return channelId;
      throw error;
    }
  }

  /** The names of all channels, for many messages. */
  channelNames(): Map<string, string> {
    return new Map(this.#node.channels.list().map(({ id, name }) => [id, name]));
  }
}
