import type { KnownNode, Parley, TabEvent, TabNode, TabStatus } from '@parley/browser';
import { type ChannelView, type ContactView, type DeliveryView, type MessageView, ParleyError, type Person } from '@parley/core';
import { acted } from './acted.ts';
import { MadeClosed } from './closed.ts';
import { contactOf, MadeContacts } from './contacts.ts';
import { madeDeliveries } from './deliveries.ts';
import { deviceCalls } from './devices.ts';
import { MadeParley } from './parley.ts';
import { rotationCalls } from './rotation.ts';
import { settingCalls } from './settings.ts';
import { SPEECHES } from './speeches.ts';

/**
 * A made-up node, for looking at the app and for measuring it. The address chooses: `?phase=new`, `locked` or `failed`; `?messages=10000` in
 * the first channel; `?offline`, `?skew`, `?liar`, `?full` for what goes wrong; `?empty` for a node that knows nobody.
 */
const asked = new URLSearchParams(location.search);
const START = Date.now();
const MINUTE = 60_000;

const guid = (number: number): string =>
  `${(Math.imul(number, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0')}-52c1-4d3e-9f00-${(number * 7919).toString(16).padStart(12, '0')}`;
const key = (number: number): string => `key_${(number * 104_729 + 17).toString(36).padEnd(44, '9Kq7mTzPf3Xw8RbLsDv2Hj')}`;

function person(number: number, name: string | undefined, present = true): Person {
  const node_id = guid(number);
  const digits = node_id.replaceAll('-', '');
  return {
    node_id,
    key: key(number),
    ...(name !== undefined && { name }),
    display: name === undefined ? digits.slice(0, 10) : `${name}#${digits.slice(0, 4)}`,
    present,
  };
}

const SELF = person(0x1f3a, 'Mira');
const [ANNA, BEN, STRANGER, LEO, YAEL, LONG, ZALGO] = [
  person(0x2b71, 'Anna'),
  person(0x3c02, 'Ben'),
  person(0x4d9e, undefined, false),
  person(0x5e44, 'Léo'),
  person(0x6f10, 'יעל'),
  person(0x7a33, 'Someone with a name that is as long as names can be, really', false),
  person(0x8b21, 'Z̸̢̗̈a̴̰̓l̷̺̐g̵̤̈́o̷͇͝'),
] as const;
/** Anna's other device. */
const TABLET: Person = {
  ...person(0x1a2c, 'Tablet'),
  display: ANNA.display,
  of: { key: ANNA.key ?? '', node_id: ANNA.node_id, device: 'Tablet' },
};
const PEOPLE: readonly Person[] = [SELF, ANNA, BEN, STRANGER, LEO, YAEL, LONG, ZALGO];
const HUB = person(0xc001, 'hub');
const EDGE = person(0xd002, 'edge');

const names = [
  'garden',
  'announcements',
  'bikes and repairs',
  'Émigrés',
  'музыка',
  'a-very-long-channel-name-that-does-not-fit-in-the-side-bar',
  'kitchen',
  'reading circle',
];
let channels: ChannelView[] = names.map((name, index) => ({
  id: guid(0xe000 + index),
  name,
  joined: index < 6,
  members: index === 0 ? PEOPLE.length : 3 + index * 4,
  unread: [0, 12, 0, 1, 0, 140, 0, 0][index] ?? 0,
}));
if (asked.has('empty')) channels = [];

const history = new Map<string, MessageView[]>();
const listeners = new Set<(event: TabEvent) => void>();
const tell = (event: TabEvent): void => {
  for (const listener of listeners) listener(event);
};

const digits = (value: number, width: number): string => `${value}`.padStart(width, '0');

interface Made {
  readonly channel: ChannelView;
  readonly sender: Person;
  readonly text: string;
  readonly at: number;
  readonly replyTo?: string | undefined;
  readonly delivery?: DeliveryView;
  readonly skip?: number;
  readonly msgId?: string;
}

const seqs = new Map<string, number>();
let count = 0;

function make({ channel, sender, text, at, replyTo, delivery, skip = 0, msgId }: Made): MessageView {
  const place = `${channel.id} ${sender.node_id}`;
  const seq = (seqs.get(place) ?? 0) + 1 + skip;
  seqs.set(place, seq);
  count += 1;
  const own = sender === SELF;
  return {
    msg_id: msgId ?? guid(0x10_0000 + count),
    channel_id: channel.id,
    channel: channel.name,
    sender,
    own,
    seq,
    ...(skip > 0 && { missing: skip }),
    time: new Date(at).toISOString(),
    received: new Date(at + 140).toISOString(),
    text,
    via: own ? [] : [EDGE.node_id, HUB.node_id],
    cursor: `${channel.id}/${digits(at, 14)}/${sender.node_id}/${digits(seq, 16)}`,
    ...(delivery && { delivery }),
    ...(replyTo !== undefined && { reply_to: replyTo }),
  };
}

const DELIVERIES = madeDeliveries({ anna: ANNA, ben: BEN, leo: LEO, long: LONG, stranger: STRANGER }, HUB, TABLET);

function fill(): void {
  const [garden, ...others] = channels;
  if (!garden) return;
  const wanted = Number(asked.get('messages') ?? 0);
  const list: MessageView[] = [];
  const filler = [
    'Yes.',
    'The beans are up.',
    'I will bring the tools on Saturday, and somebody should bring water, since the tap by the gate is broken again.',
    'Who has the key?',
    'On my way 🚲',
  ];
  for (let index = 0; index < wanted; index += 1) {
    const sender = PEOPLE[(index * 7) % 5] ?? ANNA;
    const at = START - 3 * 24 * 60 * MINUTE - (wanted - index) * 2 * MINUTE;
    list.push(
      make({
        channel: garden,
        sender,
        text: `${filler[index % filler.length]} (${index + 1})`,
        at,
        ...(sender === SELF && { delivery: DELIVERIES.delivered }),
      }),
    );
  }
  const who = { self: SELF, anna: ANNA, ben: BEN, stranger: STRANGER, leo: LEO, yael: YAEL, long: LONG, zalgo: ZALGO };
  for (const { from, ago, text, delivery, replies, skip } of SPEECHES) {
    const replyTo = replies === undefined ? undefined : list.at(-replies)?.msg_id;
    list.push(
      make({
        channel: garden,
        sender: who[from],
        text,
        at: START - ago * MINUTE,
        replyTo,
        ...(delivery && { delivery: DELIVERIES[delivery] }),
        ...(skip !== undefined && { skip }),
      }),
    );
  }
  history.set(
    garden.id,
    list.sort((a, b) => (a.cursor < b.cursor ? -1 : 1)),
  );
  for (const channel of others.slice(0, 5)) {
    const messages = Array.from({ length: 200 }, (_, index) =>
      make({
        channel,
        sender: PEOPLE[1 + ((index * 5) % 4)] ?? BEN,
        text: `${filler[(index * 3) % filler.length]} ${index}`,
        at: START - (200 - index) * 11 * MINUTE,
      }),
    );
    history.set(channel.id, messages);
  }
}
fill();

let name = SELF.name ?? '';
let encrypted = asked.has('encrypted');
let servers = ['wss://hub.example.org:443/link', 'wss://second.example.net:4718/link'];
let connected = !asked.has('offline');

function status(): TabStatus {
  const down = { error: 'connection refused' };
  return {
    node_id: SELF.node_id,
    key: SELF.key ?? '',
    name,
    node_type: 'client',
    version: 'parley/0.1.0',
    uptime_s: 100,
    connect: servers,
    links: connected
      ? [
          {
            peer: HUB,
            node_type: 'server',
            address: 'hub.example.org:443',
            dialled: true,
            transport: 'ws',
            latency_ms: 14.2,
            version: 'parley/0.1.0',
            queued_bytes: 0,
          },
        ]
      : [],
    reachable_nodes: 8,
    channels: channels.filter(({ joined }) => joined).length,
    stored_messages: 0,
    store_bytes: 9_400_000,
    file_bytes: 0,
    servers: servers.map((url, index) => ({
      url,
      ...(index === 1 && asked.has('liar') && { unproved: true }),
      ...(index === 0 && connected ? { state: 'connected', nodeId: HUB.node_id, latencyMs: 14.2 } : { state: 'waiting', ...down }),
    })),
    storage: { usedBytes: 9_400_000, quotaBytes: 2_400_000_000, persistent: false },
    encrypted,
    ...(asked.has('skew') && { clockSkewMs: 25 * 60 * MINUTE }),
  };
}

const channelOf = (id: string): ChannelView => {
  const found = channels.find((channel) => channel.id === id || channel.name === id);
  if (!found) throw new ParleyError('not-found', 'no such channel');
  return found;
};
const change = (id: string, part: Partial<ChannelView>): ChannelView => {
  channels = channels.map((channel) => (channel.id === id ? { ...channel, ...part } : channel));
  tell({ event: 'channel', channel_id: id });
  return channelOf(id);
};

function append(message: MessageView, late = false): void {
  history.set(message.channel_id, [...(history.get(message.channel_id) ?? []), message]);
  tell({ event: 'message', message, late });
}

const asks = (number: number, called: string, note?: string): ContactView =>
  contactOf(person(number, called), { state: 'incoming', ...(note !== undefined && { note }) });
const contacts = new MadeContacts(
  asked.has('empty')
    ? []
    : [
        contactOf(ANNA, { verified: true }),
        contactOf(BEN, { new_key: { key: key(0x99), time: new Date(START - 40 * MINUTE).toISOString() }, verified: true }),
        contactOf(YAEL, { alias: 'Yael next door', display: 'Yael next door' }),
        contactOf(LONG),
        contactOf(LEO, { state: 'requested' }),
        contactOf(person(0x9c11, 'Spam & Co', false), { state: 'incoming', blocked: true }),
        asks(0x9d22, 'Noor', 'We met at the repair café on Tuesday: I had the blue bike.'),
        asks(
          0x9e33,
          '\u202Eelttil a si siht',
          'Z̸̢̗̈a̴̰̓l̷̺̐g̵̤̈́o and \u202Ebackwards <b>bold</b> and aVeryLongWordThatDoesNotEndBeforeTheEdgeOfAnyPhoneIsReachedAtAll',
        ),
      ],
  `parley:contact/${key(0x1f3a)}?name=Mira`,
  tell,
);

const put = (channel: ChannelView): ChannelView => {
  channels = [...channels.filter(({ id }) => id !== channel.id), channel];
  return channel;
};
const closed = new MadeClosed({ self: SELF, people: () => PEOPLE, tell, put, channel: channelOf }, [
  {
    channel_id: guid(0xea01),
    name: 'orchard',
    by: ANNA,
    role: 'member',
    members: 4,
    received: new Date(START).toISOString(),
    accepted: false,
  },
  {
    channel_id: guid(0xea02),
    name: '\u202Esgab',
    by: STRANGER,
    role: 'observer',
    members: 1,
    received: new Date(START).toISOString(),
    accepted: true,
  },
]);
if (!asked.has('empty')) {
  closed.add(guid(0xea00), 'committee', [
    { ...SELF, role: 'owner' },
    { ...ANNA, role: 'moderator' },
    { ...TABLET, role: 'member' },
    { ...LEO, role: 'member' },
    { ...LONG, role: 'observer' },
    { ...YAEL, role: 'member', invited: true },
  ]);
  history.set(guid(0xea00), [
    make({ channel: channelOf(guid(0xea00)), sender: ANNA, text: 'The lease is signed.', at: START - 9 * MINUTE }),
  ]);
}
for (const contact of await contacts.calls.contacts()) {
  if (contact.channel_id === undefined) continue;
  const channel = put({
    id: contact.channel_id,
    name: contact.alias ?? contact.name ?? '',
    kind: 'direct',
    joined: true,
    members: 2,
    unread: 1,
  });
  history.set(channel.id, [make({ channel, sender: ANNA, text: 'Just between us: it is a surprise.', at: START - 3 * MINUTE })]);
}

const node: TabNode = {
  status: async () => status(),
  channels: async () => channels,
  create: async (wanted) => {
    if (channels.some((channel) => channel.name === wanted)) throw new ParleyError('conflict', 'there is a channel of that name');
    channels = [...channels, { id: guid(0xe100 + channels.length), name: wanted, joined: true, members: 1, unread: 0 }];
    tell({ event: 'channel', channel_id: channelOf(wanted).id });
    return channelOf(wanted);
  },
  join: async (id) => change(channelOf(id).id, { joined: true }),
  leave: async (id) => {
    change(id, { joined: false });
  },
  members: async (id) => closed.members(id) ?? (channels[0]?.id === id ? [...PEOPLE] : PEOPLE.slice(0, 4)),
  messages: async (id, { before, after, limit = 50 }) => {
    const all = history.get(channelOf(id).id) ?? [];
    if (after !== undefined) return all.filter(({ cursor }) => cursor > after).slice(0, limit);
    return all.filter(({ cursor }) => before === undefined || cursor < before).slice(-limit);
  },
  message: async (id, msgId) => history.get(channelOf(id).id)?.find(({ msg_id }) => msg_id === msgId),
  send: async (id, text, options) => {
    if (asked.has('full')) throw new ParleyError('storage-full', 'no room');
    const sending: DeliveryView = {
      state: 'sending',
      recipients: DELIVERIES.delivered.recipients.map((recipient) => ({ ...recipient, state: 'waiting' })),
    };
    const message = make({
      channel: channelOf(id),
      sender: SELF,
      text,
      at: Date.now(),
      replyTo: options?.replyTo,
      delivery: sending,
      ...(options?.msgId && { msgId: options.msgId }),
    });
    append(message);
    if (connected) setTimeout(() => tell({ event: 'delivery', msg_id: message.msg_id, delivery: DELIVERIES.delivered }), 400);
    return message;
  },
  attachment: async () => {
    throw new ParleyError('not-found', 'nothing is attached here');
  },
  offerFile: async (_, __, { name, size }) => ({ name, size, root: '0'.repeat(64), sha256: '0'.repeat(64), key: new Uint8Array(32) }),
  drafts: async () => [],
  keepDraft: async () => {},
  sentDrafts: async () => {},
  discardDraft: async () => {},
  fetchFile: async () => {},
  file: async () => {
    throw new ParleyError('not-found', 'nothing is attached here');
  },
  removeFile: async () => {},
  search: async (query, { channel, limit = 50 }) =>
    [...history.values()]
      .flat()
      .filter(
        (message) => (channel === undefined || message.channel_id === channel) && message.text.toLowerCase().includes(query.toLowerCase()),
      )
      .sort((a, b) => (a.time < b.time ? 1 : -1))
      .slice(0, limit),
  act: async (id, kind, msgId, text = '') => {
    const message = (history.get(id) ?? []).find(({ msg_id }) => msg_id === msgId);
    if (!message) throw new ParleyError('not-found', 'no such message is kept here');
    const changed = acted(message, kind, text, SELF);
    history.set(
      id,
      (history.get(id) ?? []).map((each) => (each.msg_id === msgId ? changed : each)),
    );
    tell({ event: 'changed', message: changed });
    return changed;
  },
  changes: async (id) => closed.changes(id),
  pinned: async (id) => (history.get(id) ?? []).filter(({ pinned }) => pinned),
  markRead: async (id, cursor) => {
    const unread = (history.get(id) ?? []).filter((message) => !message.own && message.cursor > cursor).length;
    const channel = channelOf(id);
    if (unread >= channel.unread) return;
    channels = channels.map((known) => (known.id === id ? { ...known, unread } : known));
    tell({ event: 'read', channel_id: id, unread });
  },
  ...contacts.calls,
  ...closed.calls,
  ...settingCalls,
  ...deviceCalls,
  ...rotationCalls,
  setTimer: async (id, seconds) => change(id, { timer: { seconds, by: SELF, time: new Date().toISOString() } }),
  nodes: async (): Promise<KnownNode[]> => [
    { person: HUB, nodeType: 'server', hops: 1, latencyMs: 14, reliability: 1, via: HUB.node_id },
    { person: EDGE, nodeType: 'server', hops: 2, latencyMs: 31, reliability: 0.98, via: HUB.node_id },
    ...[ANNA, BEN, LEO, YAEL, ZALGO].map((other, index) => ({
      person: other,
      nodeType: 'client' as const,
      hops: 2 + (index % 2),
      latencyMs: 32 + index * 9,
      reliability: 0.9,
      via: index % 2 === 0 ? HUB.node_id : EDGE.node_id,
    })),
  ],
  route: async (id) => {
    const node = [HUB, EDGE, ANNA, BEN, LEO, YAEL, ZALGO].find(({ node_id }) => node_id === id);
    if (!node) throw new ParleyError('not-found', 'no such node');
    const measured = { guessed: false, latency_ms: 34, reliability: 0.97 };
    return {
      node,
      paths: [
        {
          kind: 'routing',
          next: HUB,
          hops: 2,
          ...measured,
          cost: 2.6,
          chosen: true,
          why: 'the next hop says that it reaches it; tried first',
        },
        {
          kind: 'attachment',
          next: HUB,
          through: EDGE,
          hops: 3,
          ...measured,
          cost: 3.6,
          chosen: false,
          why: 'it has signed to be attached to a server further off; tried after those where the next hop says that it reaches it',
        },
      ],
    };
  },
  safetyNumber: async (id) =>
    id === STRANGER.node_id
      ? undefined
      : Array.from({ length: 12 }, (_, index) => `${(id.charCodeAt(index) * 99_991) % 100_000}`.padStart(5, '0')).join(' '),
  setServers: async (urls) => {
    servers = [...urls];
    tell({ event: 'status' });
  },
  rename: async (wanted) => {
    name = wanted;
    tell({ event: 'status' });
  },
  setPassphrase: async (next, old) => {
    if (encrypted && old !== 'passphrase') throw new ParleyError('bad-passphrase', 'wrong');
    encrypted = next !== undefined;
  },
  backup: async () => new Blob(['{"parley":"backup"}']),
  persist: async () => false,
  erase: async () => undefined,
  subscribe: (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

/** For scripts that look at the app: lets something happen. */
const fixture = {
  say: (text: string, late = false) => {
    const [garden] = channels;
    if (garden) append(make({ channel: garden, sender: ANNA, text, at: Date.now() }), late);
  },
  connect: (on: boolean) => {
    connected = on;
    tell({ event: 'status' });
  },
  traffic: () => tell({ event: 'traffic', verb: 'MESSAGE', neighbour: HUB.node_id, incoming: true }),
};
Object.assign(globalThis, { fixture });

export async function open(): Promise<Parley> {
  return new MadeParley(node, asked.get('phase') ?? '', SELF.key ?? '', (wanted) => {
    name = wanted;
  });
}
