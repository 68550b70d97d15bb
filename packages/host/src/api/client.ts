import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  ChangeList,
  ChangeView,
  ChannelList,
  ChannelView,
  CircuitsView,
  FileList,
  FileView,
  MemberView,
  MessageList,
  MessageView,
  NewAct,
  NewMessageOptions,
  Page,
  PersonList,
  RecordView,
  RouteView,
  SearchScope,
  SettingsChanges,
  SettingsView,
  StatusView,
} from '@parley/core';
import { ParleyError } from '@parley/core/errors';
import { ClosedClient } from './client-closed.ts';
import { ContactClient } from './client-contacts.ts';
import { DeviceClient } from './client-devices.ts';
import { type EventStream, subscribe } from './client-events.ts';
import { type ApiRequest, call, callForStream } from './client-request.ts';
import type { NewAttachmentBody } from './requests.ts';

const STOP_MS = 10_000;
/** Reading and hashing what is to be sent may take so long. */
const FILE_MS = 30 * 60_000;
const STOP_POLL_MS = 20;

/** What a message says beside its text. */
export { exported, wholeHistory } from '@parley/core/export';

export interface NewMessage extends Omit<NewMessageOptions, 'attachments'> {
  readonly attachments?: readonly NewAttachmentBody[];
}

const channelPath = (channel: string, rest: string): string => `/v1/channels/${encodeURIComponent(channel)}/${rest}`;

const attachmentPath = (channel: string, msgId: string, index: number): string =>
  channelPath(channel, `messages/${encodeURIComponent(msgId)}/attachments/${index}`);

/**
 * Speaks to the running node of a data directory over its local API. Every method may throw, beside what the node answers: `not-found`
 * when no node runs there, `refused` when it does not accept the token, `closed` when it goes away meanwhile, `timeout`.
 */
export class ApiClient {
  /** Absolute path of the data directory. */
  readonly directory: string;
  readonly contacts: ContactClient;
  readonly closed: ClosedClient;
  readonly devices: DeviceClient;
  readonly #signal: AbortSignal | undefined;

  /** Requests are given up when `signal` aborts (`aborted`). */
  constructor(directory: string, signal?: AbortSignal) {
    this.directory = resolve(directory);
    this.#signal = signal;
    this.contacts = new ContactClient((request) => this.#call(request));
    this.devices = new DeviceClient((request) => this.#call(request));
    this.closed = new ClosedClient((request) => this.#call(request));
  }

  status(): Promise<StatusView> {
    return this.#call({ method: 'GET', path: '/v1/status' });
  }

  async channels(): Promise<ChannelView[]> {
    return (await this.#call<ChannelList>({ method: 'GET', path: '/v1/channels' })).channels;
  }

  /** Creates a public channel and joins it. Errors: `bad-argument`, `quota`, those of the store. */
  create(name: string): Promise<ChannelView> {
    return this.#call({ method: 'POST', path: '/v1/channels', body: { name } });
  }

  /** Errors: `not-found`, `conflict` (several channels of that name, ids in `data.ids`), `quota`, those of the store. */
  join(channel: string): Promise<ChannelView> {
    return this.#call({ method: 'POST', path: channelPath(channel, 'join') });
  }

  /** Errors: `not-found`, `conflict`, `not-member`, those of the store. */
  leave(channel: string): Promise<void> {
    return this.#call({ method: 'POST', path: channelPath(channel, 'leave') });
  }

  async members(channel: string): Promise<MemberView[]> {
    return (await this.#call<PersonList>({ method: 'GET', path: channelPath(channel, 'members') })).members;
  }

  /** Oldest first: the latest, or those before or after a cursor. */
  async messages(channel: string, page: Page = {}): Promise<MessageView[]> {
    return (await this.#call<MessageList>({ method: 'GET', path: channelPath(channel, 'messages'), query: { ...page } })).messages;
  }

  /** On the disk of the node when it resolves. Errors: `bad-argument`, `too-large`, `not-member`, `quota`, `storage-full`, … */
  send(channel: string, text: string, options: NewMessage = {}): Promise<MessageView> {
    // Large files are read before it is answered.
    const timeoutMs = options.attachments ? FILE_MS : undefined;
    return this.#call({ method: 'POST', path: channelPath(channel, 'messages'), body: { text, ...options }, timeoutMs });
  }

  /** What is attached to a message, by its index, piece by piece. Errors: `not-found`, also while it is not there. */
  attachment(channel: string, msgId: string, index: number): Promise<AsyncIterable<Uint8Array>> {
    return callForStream(this.directory, { method: 'GET', path: attachmentPath(channel, msgId, index), signal: this.#signal });
  }

  /** Begins to fetch what is attached to a message; the event `attachment` tells the rest. */
  fetchAttachment(channel: string, msgId: string, index: number): Promise<void> {
    return this.#call({ method: 'POST', path: `${attachmentPath(channel, msgId, index)}/fetch` });
  }

  /** Files that are too large for messages. */
  async files(): Promise<FileView[]> {
    return (await this.#call<FileList>({ method: 'GET', path: '/v1/files' })).files;
  }

  /** Errors: `not-found`. */
  removeFile(root: string): Promise<void> {
    return this.#call({ method: 'DELETE', path: `/v1/files/${root}` });
  }

  /** Edits, deletes, reacts to or pins a message. Errors: `not-found`, `refused`, `conflict`, and those of `send`. */
  act(channel: string, act: NewAct): Promise<MessageView> {
    return this.#call({ method: 'POST', path: channelPath(channel, 'acts'), body: { ...act } });
  }

  /** Changes of members, roles, settings and the timer, oldest first. */
  async changes(channel: string): Promise<ChangeView[]> {
    return (await this.#call<ChangeList>({ method: 'GET', path: channelPath(channel, 'changes') })).changes;
  }

  async pinned(channel: string): Promise<MessageView[]> {
    return (await this.#call<MessageList>({ method: 'GET', path: channelPath(channel, 'pinned') })).messages;
  }

  /** Everything up to a message, of which this is the `cursor`, has been seen. */
  markRead(channel: string, cursor: string): Promise<void> {
    return this.#call({ method: 'POST', path: channelPath(channel, 'read'), body: { cursor } });
  }

  /** Latest first. */
  async search(query: string, options: SearchScope = {}): Promise<MessageView[]> {
    return (await this.#call<MessageList>({ method: 'GET', path: '/v1/search', query: { q: query, ...options } })).messages;
  }

  /** Where a node is, as it has signed. `key`: a key id or node id. Errors: `bad-argument`, `not-found`. */
  find(key: string): Promise<RecordView> {
    return this.#call({ method: 'GET', path: `/v1/find/${encodeURIComponent(key)}` });
  }

  /** All ways to a node, best first. Errors: `bad-argument`, `not-found`. */
  route(key: string): Promise<RouteView> {
    return this.#call({ method: 'GET', path: `/v1/route/${encodeURIComponent(key)}` });
  }

  /** Errors: `bad-argument`, also for public channels; `refused` where the own role does not allow it. */
  setTimer(channel: string, seconds: number): Promise<ChannelView> {
    return this.#call({ method: 'POST', path: channelPath(channel, 'timer'), body: { seconds } });
  }

  /** To be called as often as keys are pressed. */
  async typing(channel: string, typing: boolean): Promise<void> {
    await this.#call({ method: 'POST', path: channelPath(channel, 'typing'), body: { typing } });
  }

  /** The user does something. */
  async here(): Promise<void> {
    await this.#call({ method: 'POST', path: '/v1/here' });
  }

  settings(): Promise<SettingsView> {
    return this.#call({ method: 'GET', path: '/v1/settings' });
  }

  circuits(): Promise<CircuitsView> {
    return this.#call({ method: 'GET', path: '/v1/circuits' });
  }

  setSettings(changes: SettingsChanges): Promise<SettingsView> {
    return this.#call({ method: 'POST', path: '/v1/settings', body: changes });
  }

  /** The node has stopped, and its directory is free, when it resolves. Errors: `timeout` when it takes more than 10 s. */
  async stop(): Promise<void> {
    await this.#call({ method: 'POST', path: '/v1/stop' });
    // Removed as the last thing before the lock is given up.
    const sign = join(this.directory, 'node.pid');
    for (const begun = performance.now(); existsSync(sign); await sleep(STOP_POLL_MS)) {
      if (performance.now() - begun > STOP_MS) throw new ParleyError('timeout', `the node on ${this.directory} does not stop`);
    }
  }

  /**
   * What happens from now on. Ends when the signal aborts; throws `closed` when the node goes away, `quota` when it ended the
   * subscription because too little was read.
   */
  events(signal: AbortSignal): EventStream {
    return subscribe(this.directory, signal);
  }

  /** An answer has the type that its route declares. */
  async #call<T>(request: ApiRequest): Promise<T> {
    return (await call(this.directory, { ...request, signal: this.#signal })) as T;
  }
}
