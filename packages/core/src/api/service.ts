import type { ActKind, NewAttachment, NewFile } from '../features/channels/index.ts';
import { type Contact, contactDisplay } from '../features/contacts/index.ts';
import { type Node, VERSION } from '../node.ts';
import type { Clock } from '../ports/clock.ts';
import { errorCode, ParleyError } from '../util/errors.ts';
import { changeViews } from './changes.ts';
import { type ClosedService, closedService } from './closed.ts';
import { type ContactService, contactService } from './contacts.ts';
import { type DeviceService, deviceService } from './devices.ts';
import { type AttachmentContent, type FileService, fileService, readStream } from './files.ts';
import { type RotationService, rotationService } from './rotation.ts';
import { type SettingsService, settingsService } from './settings.ts';
import type { ChangeView, ChannelView, MemberView, MessageView, RecordView, RouteView, StatusView } from './types.ts';
import { Views } from './views.ts';

/** Messages in an answer, unless the request says otherwise. */
export const DEFAULT_LIMIT = 50;

/** What the local API knows of the process around the node. */
export interface Surroundings {
  readonly clock: Clock;
  /** `HOST:PORT` that was bound. */
  readonly tls: string | undefined;
  readonly udp: string | undefined;
  /** `http://HOST:PORT` */
  readonly http: string | undefined;
  readonly connect: readonly string[];
  /** Ends the node cleanly. */
  readonly stop: () => void;
}

export interface Page {
  /** Cursors; `after` wins. */
  readonly before?: string | undefined;
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

/** Where to search. */
export interface SearchScope {
  readonly channel?: string | undefined;
  readonly limit?: number | undefined;
}

/** What a message says beside its text. `reply_to` and `msg_id` are ids of messages. */
export interface NewMessageOptions {
  readonly reply_to?: string | undefined;
  readonly msg_id?: string | undefined;
  readonly attachments?: readonly (NewAttachment | NewFile)[] | undefined;
}

/** What is done to the message of a channel with this id. */
export interface NewAct {
  readonly kind: ActKind;
  readonly msg_id: string;
  readonly text?: string | undefined;
}

/** What can be asked of a running node. A channel is named by id, name (`#` or not), or `@` and the name of a contact. Errors are those of `Channels`. */
export interface ApiService {
  readonly contacts: ContactService;
  readonly files: FileService;
  readonly closed: ClosedService;
  readonly rotation: RotationService;
  readonly settings: SettingsService;
  readonly devices: DeviceService;
  status(): StatusView;
  channels(): ChannelView[];
  /** With a `nonce` (base64 of 32 bytes) the same call again makes no second channel. */
  create(name: string, nonce?: string): Promise<ChannelView>;
  join(channel: string): Promise<ChannelView>;
  leave(channel: string): Promise<void>;
  members(channel: string): MemberView[];
  messages(channel: string, page: Page): Promise<MessageView[]>;
  /** The message with this id, if it is kept here. */
  message(channel: string, msg_id: string): Promise<MessageView | undefined>;
  /** With the `msg_id` of a message that this node has sent already, that one is the answer. */
  send(channel: string, text: string, options?: NewMessageOptions): Promise<MessageView>;
  /** Edits, deletes, reacts to or pins a message: `text` is the new text, or the emoji. The message as it stands then. */
  act(channel: string, act: NewAct): Promise<MessageView>;
  /** What was changed about a closed channel, or the timer of a direct conversation, oldest first: the latest 300. The event `channel` says when there is more. */
  changes(channel: string): Promise<ChangeView[]>;
  /** In the order in which they were pinned. */
  pinned(channel: string): Promise<MessageView[]>;
  /**
   * What is attached to a message, by its index. Errors: `not-found`, also while it is not here: it is asked for then, and the event
   * `attachment` says when it has come.
   */
  attachment(channel: string, msg_id: string, index: number): Promise<AttachmentContent>;
  /** Messages that are written from now on go after so many seconds; 0: they stay. */
  setTimer(channel: string, seconds: number): Promise<ChannelView>;
  /** The user is writing in a channel, or has stopped without sending. To be called as often as keys are pressed: it is told now and then. */
  typing(channel: string, typing: boolean): void;
  /** The user does something: contacts see that they are there. */
  here(): void;
  /** Everything up to this cursor has been seen. */
  markRead(channel: string, cursor: string): Promise<void>;
  search(query: string, options: SearchScope): Promise<MessageView[]>;
  /** The record of a node, from the network. `key`: a key id or node id. Errors: `bad-argument`, `not-found`. */
  find(key: string): Promise<RecordView>;
  /** All ways to a node, best first; looked up where nothing is known of it. Errors: `bad-argument`, `not-found`. */
  route(key: string): Promise<RouteView>;
  stop(): void;
}

/** The local API's requests, answered by a node. */
export class NodeService implements ApiService {
  readonly contacts: ContactService;
  readonly files: FileService;
  readonly closed: ClosedService;
  readonly rotation: RotationService;
  readonly settings: SettingsService;
  readonly devices: DeviceService;
  readonly #node: Node;
  readonly #around: Surroundings;
  readonly #views: Views;
  readonly #startedAt: number;

  constructor(node: Node, around: Surroundings) {
    this.contacts = contactService(node);
    this.closed = closedService(node);
    this.rotation = rotationService(node);
    this.devices = deviceService(node);
    this.#node = node;
    this.#around = around;
    this.#views = new Views(node);
    this.settings = settingsService(node, this.#views);
    this.files = fileService(node, this.#views, (channel) => this.#named(channel));
    this.#startedAt = around.clock.monotonic();
  }

  status(): StatusView {
    const { identity, nodeType, links, overlay, channels, metrics } = this.#node;
    const { clock, tls, udp, http, connect } = this.#around;
    const { gauges } = metrics.snapshot();
    const gauge = (name: string): number => gauges.get(name)?.get('') ?? 0;
    return {
      node_id: identity.nodeId,
      key: identity.keyId,
      name: identity.name,
      node_type: nodeType,
      version: VERSION,
      uptime_s: Math.round(clock.monotonic() - this.#startedAt) / 1000,
      ...(tls === undefined ? {} : { tls }),
      ...(udp === undefined ? {} : { udp }),
      ...(http === undefined ? {} : { http }),
      connect: [...connect],
      links: links.all().map((link) => this.#views.link(link)),
      reachable_nodes: overlay.destinations().length,
      channels: channels.list().filter(({ joined }) => joined).length,
      stored_messages: gauge('custody_messages'),
      store_bytes: gauge('store_bytes'),
      file_bytes: gauge('file_bytes'),
    };
  }

  channels(): ChannelView[] {
    return this.#node.channels.list().map((info) => this.#views.channel(info));
  }

  async create(name: string, nonce?: string): Promise<ChannelView> {
    return this.#views.channel(await this.#node.channels.create(name, nonce));
  }

  async join(channel: string): Promise<ChannelView> {
    return this.#views.channel(await this.#node.channels.join(this.#named(channel)));
  }

  async leave(channel: string): Promise<void> {
    await this.#node.channels.leave(this.#named(channel));
  }

  members(channel: string): MemberView[] {
    const { channels } = this.#node;
    return this.#views.members(channels.find(this.#named(channel)).id);
  }

  async messages(channel: string, page: Page): Promise<MessageView[]> {
    const { channels } = this.#node;
    const { id, name } = channels.find(this.#named(channel));
    const { before, after, limit = DEFAULT_LIMIT } = page;
    const found = await channels.archive.history(id, {
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
      limit,
    });
    return Promise.all(found.map((message) => this.#views.message(message, name)));
  }

  async message(channel: string, msg_id: string): Promise<MessageView | undefined> {
    const { channels } = this.#node;
    const { id, name } = channels.find(this.#named(channel));
    const found = await channels.archive.message(id, msg_id);
    return found && this.#views.message(found, name);
  }

  async send(channel: string, text: string, { reply_to, msg_id, attachments }: NewMessageOptions = {}): Promise<MessageView> {
    const { channels } = this.#node;
    const { id, name } = channels.find(this.#named(channel));
    return this.#views.message(await channels.send(id, text, { replyTo: reply_to, msgId: msg_id, attachments }), name);
  }

  async attachment(channel: string, msg_id: string, index: number): Promise<AttachmentContent> {
    return readStream(await this.files.open(channel, msg_id, index));
  }

  async act(channel: string, { kind, msg_id, text }: NewAct): Promise<MessageView> {
    const { channels } = this.#node;
    const { id, name } = channels.find(this.#named(channel));
    return this.#views.message(await channels.act(id, kind, msg_id, text), name);
  }

  changes(channel: string): Promise<ChangeView[]> {
    const { id } = this.#node.channels.find(this.#named(channel));
    return changeViews(this.#node, id, (nodeId) => this.#views.person(nodeId));
  }

  async pinned(channel: string): Promise<MessageView[]> {
    const { channels } = this.#node;
    const { id, name } = channels.find(this.#named(channel));
    return Promise.all((await channels.archive.pinned(id)).map((message) => this.#views.message(message, name)));
  }

  async setTimer(channel: string, seconds: number): Promise<ChannelView> {
    return this.#views.channel(await this.#node.channels.setTimer(this.#named(channel), seconds));
  }

  typing(channel: string, typing: boolean): void {
    const { channels, presence } = this.#node;
    channels.typing.typed(channels.find(this.#named(channel)).id, typing);
    presence.active();
  }

  here(): void {
    this.#node.presence.active();
  }

  markRead(channel: string, cursor: string): Promise<void> {
    return this.#node.channels.markRead(this.#named(channel), cursor);
  }

  async search(query: string, { channel, limit = DEFAULT_LIMIT }: SearchScope): Promise<MessageView[]> {
    const { channels } = this.#node;
    const where = channel === undefined ? {} : { channel: channels.find(this.#named(channel)).id };
    const found = await channels.archive.search(query, { ...where, limit });
    const names = this.#views.channelNames();
    const home = ({ channelId }: { readonly channelId: string }): string => names.get(channels.archive.home(channelId)) ?? channelId;
    return Promise.all(found.map((message) => this.#views.message(message, home(message))));
  }

  async find(key: string): Promise<RecordView> {
    return this.#views.record(await this.#node.find(key));
  }

  async route(key: string): Promise<RouteView> {
    const { nodeId, keyId } = this.#node.finder.identify(key);
    let record = this.#node.finder.record(nodeId);
    if (!record) {
      try {
        record = await this.#node.find(nodeId);
      } catch (error) {
        if (errorCode(error) !== 'not-found' || this.#node.paths(nodeId).length === 0) throw error;
      }
    }
    return {
      node: this.#views.person(nodeId, record?.keyId ?? keyId),
      ...(record ? { record: this.#views.record(record) } : {}),
      paths: this.#node.paths(nodeId).map((path) => this.#views.path(path)),
      ...(this.#node.isHidden(nodeId) ? { hidden: true } : {}),
    };
  }

  /** A channel as it was given, but that `@NAME` is the conversation with a contact. Errors: `not-found`, `conflict`, `refused`. */
  #named(channel: string): string {
    if (!channel.startsWith('@')) return channel;
    const { contacts, direct, channels } = this.#node;
    const all = channels.list().filter(({ kind }) => kind === 'direct');
    const past = all.filter(({ ended, name }) => ended && name === channel.slice(1));
    let contact: Contact;
    try {
      contact = contacts.find(channel);
    } catch (error) {
      // What was said with somebody who is no contact any more is kept.
      if (errorCode(error) === 'not-found' && past[0]) return channels.find(channel).id;
      throw error;
    }
    const id = direct.idWith(contact.keyId);
    const isJoined = all.some((one) => one.id === id && one.joined);
    if (contacts.isContact(contact.keyId) && !isJoined) channels.checkRoom();
    if (!isJoined && !past.some((one) => one.id === id))
      throw new ParleyError('refused', `${contactDisplay(contact)} has not accepted to be a contact yet`);
    return id;
  }

  stop(): void {
    this.#around.stop();
  }
}
