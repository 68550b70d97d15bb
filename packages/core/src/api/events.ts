import type { DeviceEvents } from '../features/devices/index.ts';
import type { Node } from '../node.ts';
import type { Log } from '../ports/log.ts';
import { ParleyError } from '../util/errors.ts';
import { contactEvent } from './contacts.ts';
import { devicesView } from './devices.ts';
import { fileProgress } from './files.ts';
import { shownAs, typingEvent } from './presence.ts';
import { settingsView } from './settings.ts';
import type { ApiEvent } from './types.ts';
import { Views } from './views.ts';

/** Subscribers at once: processes on this machine that have the token, or tabs of one browser. */
const MAX_SUBSCRIBERS = 64;

/** What a node notifies of, turned into events of the local API once, and given to every subscriber. */
export class EventHub {
  readonly #node: Node;
  readonly #log: Log;
  readonly #views: Views;
  readonly #subscribers = new Set<(event: ApiEvent) => void>();
  readonly #ends: (() => void)[];
  /** Events go out in the order in which they came, though some have to be looked up. */
  #last: Promise<void> = Promise.resolve();

  constructor(node: Node, log: Log) {
    this.#node = node;
    this.#log = log;
    this.#views = new Views(node);
    this.#ends = this.#listen();
  }

  /** Returns a function that ends the subscription. Errors: `quota`. */
  subscribe(subscriber: (event: ApiEvent) => void): () => void {
    if (this.#subscribers.size >= MAX_SUBSCRIBERS) throw new ParleyError('quota', `there are ${MAX_SUBSCRIBERS} subscribers already`);
    this.#subscribers.add(subscriber);
    return () => {
      this.#subscribers.delete(subscriber);
    };
  }

  close(): void {
    for (const end of this.#ends) end();
    this.#subscribers.clear();
  }

  #listen(): (() => void)[] {
    const { channels, files, contacts, devices, settings, overlay, certificates, links, presence } = this.#node;
    const views = this.#views;
    const on = channels.events;
    return [
      on.on('message', ({ message, late }) =>
        this.#tell(async () => {
          const view = await views.message(message, views.channelName(message.channelId));
          return { event: 'message', message: view, late };
        }),
      ),
      on.on('changed', ({ message }) =>
        this.#tell(async () => ({ event: 'changed', message: await views.message(message, views.channelName(message.channelId)) })),
      ),
      on.on('expired', ({ channelId, messages }) =>
        this.#tell(() => ({ event: 'expired', channel_id: channelId, cursors: messages.map(({ cursor }) => cursor) })),
      ),
      on.on('gap', ({ channelId, sender, from, to }) =>
        this.#tell(() => ({ event: 'gap', channel_id: channelId, sender: views.person(sender), from, to })),
      ),
      on.on('delivery', ({ msgId, delivery }) =>
        this.#tell(() => ({ event: 'delivery', msg_id: msgId, delivery: views.delivery(delivery) })),
      ),
      on.on('member', ({ channelId, nodeId, joined }) =>
        this.#tell(() => ({ event: 'member', channel_id: channelId, member: views.person(nodeId), joined })),
      ),
      on.on('read', ({ channelId, unread }) => this.#tell(() => ({ event: 'read', channel_id: channelId, unread }))),
      on.on('attachment', ({ channelId, sha256 }) =>
        this.#tell(() => ({ event: 'attachment', channel_id: channelId, sha256, state: 'here' })),
      ),
      files.events.on('file', ({ record, standing }) =>
        // What was sent in a conversation is shown in the one that goes on from it.
        this.#tell(() => ({ event: 'attachment', ...fileProgress(record, standing), channel_id: channels.archive.home(record.channelId) })),
      ),
      files.events.on('reading', ({ path, bytes, size }) => this.#tell(() => ({ event: 'reading', path, have: bytes, size }))),
      channels.closed.events.on('invitation', ({ channelId }) => this.#tell(() => ({ event: 'invitation', channel_id: channelId }))),
      channels.closed.events.on('changed', ({ channelId }) => this.#tell(() => ({ event: 'channel', channel_id: channelId }))),
      on.on('channel', ({ channelId }) => this.#tell(() => ({ event: 'channel', channel_id: channelId }))),
      contacts.events.on('contact', ({ contact, news }) => {
        this.#tell(() => contactEvent(this.#node, contact, news));
        // They may be called otherwise now.
        this.#tellOf(contact.nodeId, 'person');
      }),
      overlay.events.on('presence', ({ nodeId }) => this.#tellOf(nodeId, 'presence')),
      presence.events.on('changed', ({ nodeId }) => {
        for (const device of shownAs(this.#node, nodeId)) this.#tellOf(device, 'presence');
      }),
      channels.typing.events.on('typing', ({ channelId, people }) => this.#tell(() => typingEvent(views, channelId, people))),
      certificates.events.on('learnt', ({ nodeId }) => this.#tellOf(nodeId, 'person')),
      devices.events.on('asked', () => this.#tell(() => ({ event: 'devices', devices: devicesView(this.#node) }))),
      devices.events.on('changed', (change) => {
        this.#tell(() => ({ event: 'devices', devices: devicesView(this.#node) }));
        this.#tellOfDevices(change);
      }),
      settings.events.on('changed', (now) => this.#tell(() => ({ event: 'settings', settings: settingsView(now) }))),
      overlay.events.on('neighbours', () => this.#tell(() => ({ event: 'links', count: links.size }))),
    ];
  }

  /** Who are one person now, or are so no more, and where members are counted anew. */
  #tellOfDevices({ person, gone, list }: DeviceEvents['changed']): void {
    const { channels, identity } = this.#node;
    const nodes = [person, ...(list?.devices ?? []), ...gone].map(({ nodeId }) => nodeId);
    for (const nodeId of nodes) this.#tellOf(nodeId, 'person');
    const shared = new Set(nodes.flatMap((nodeId) => (nodeId === identity.nodeId ? [] : channels.shared(nodeId, identity.nodeId))));
    for (const channelId of shared) this.#tell(() => ({ event: 'channel', channel_id: channelId }));
  }

  /** Only of those whom the user has to do with: the others in a large network come and go all the time. */
  #tellOf(nodeId: string, event: 'presence' | 'person'): void {
    const { channels, contacts, links, identity } = this.#node;
    if (!links.get(nodeId) && !contacts.get(nodeId) && !channels.share(nodeId, identity.nodeId)) return;
    this.#tell(() => ({ event, person: this.#views.person(nodeId) }));
  }

  #tell(make: () => ApiEvent | Promise<ApiEvent>): void {
    if (this.#subscribers.size === 0) return;
    const publish = async (): Promise<void> => {
      const event = await make();
      for (const subscriber of [...this.#subscribers]) subscriber(event);
    };
    this.#last = this.#last.then(publish).catch((error: unknown) => {
      this.#log.error('an event could not be told', { error: ParleyError.from(error).message });
    });
  }
}
