import type { Static } from 'typebox';
import * as Type from 'typebox';
import { DevicesView } from './devices.ts';
import { AttachmentStateView, TroubleView } from './file-types.ts';
import { TimerView } from './timer.ts';
import { DeliveryView, MessageView } from './types-messages.ts';
import { ContactView, MemberView, Person, RoleName, TypingEvent } from './types-people.ts';
import { SettingsView } from './types-settings.ts';

export * from './types-changes.ts';
export * from './types-error.ts';
export * from './types-messages.ts';
export * from './types-people.ts';

/**
 * What the local API of a running node speaks of (DESIGN section 12). These are schemas, so that requests are checked, the command knows
 * what it gets, and OpenAPI is derived from the same words. The paths stand in `docs/api.json`, which is generated from the routes.
 */
export const ChannelView = Type.Object({
  id: Type.String(),
  name: Type.String(),
  kind: Type.Optional(
    Type.Enum(['public', 'closed', 'direct'], {
      description: 'public: open to everybody; closed: for invited members; direct: with one contact. Default: public',
    }),
  ),
  joined: Type.Boolean(),
  owner: Type.Optional(Type.String({ description: 'key id' })),
  role: Type.Optional(RoleName),
  members: Type.Integer(),
  unread: Type.Integer({ description: 'messages of others after the read mark, counted up to 10,000' }),
  ended: Type.Optional(
    Type.Object(
      {
        time: Type.String({ description: 'RFC 3339' }),
        removed: Type.Boolean({ description: 'whether somebody removed the user, rather than the user leaving, or removing the contact' }),
        by: Type.Optional(Type.Intersect([Person], { description: 'who did' })),
      },
      { description: 'the user was in it, and is no more; what was said is kept. Not there of what never ended' },
    ),
  ),
  timer: Type.Optional(Type.Intersect([TimerView], { description: 'how long messages last; absent if nobody has set it' })),
});
export type ChannelView = Static<typeof ChannelView>;

export const LinkView = Type.Object({
  peer: Person,
  node_type: Type.String(),
  address: Type.String(),
  dialled: Type.Boolean(),
  transport: Type.String({ description: 'what carries it: tls, ws, or punched-tcp where both sides opened it' }),
  latency_ms: Type.Number(),
  version: Type.String(),
  queued_bytes: Type.Integer(),
});
export type LinkView = Static<typeof LinkView>;

export const StatusView = Type.Object({
  node_id: Type.String(),
  key: Type.String(),
  name: Type.String(),
  node_type: Type.String(),
  version: Type.String(),
  uptime_s: Type.Number(),
  tls: Type.Optional(Type.String()),
  udp: Type.Optional(Type.String()),
  http: Type.Optional(Type.String()),
  connect: Type.Array(Type.String(), { description: 'addresses to which the node keeps links' }),
  links: Type.Array(LinkView),
  reachable_nodes: Type.Integer(),
  channels: Type.Integer(),
  stored_messages: Type.Integer({ description: 'messages in the custody of this node' }),
  store_bytes: Type.Integer({ description: 'of messages and all that is kept with them' }),
  file_bytes: Type.Integer({ description: 'of large files that were fetched, or are being fetched' }),
});
export type StatusView = Static<typeof StatusView>;

export const RecordView = Type.Object(
  {
    node: Person,
    node_type: Type.Enum(['client', 'server']),
    endpoints: Type.Array(Type.String(), { description: 'where it can be dialled: `tls:HOST:PORT` and the like' }),
    attachments: Type.Array(Type.Object({ node: Person, endpoints: Type.Array(Type.String()) }), {
      description: 'servers to which it is attached, best first',
    }),
    seq: Type.Integer({ description: 'sequence number: a record with a higher one replaces it' }),
    last_seen: Type.String({ description: 'RFC 3339: when it signed this record, by its own clock' }),
    expires: Type.String({ description: 'RFC 3339' }),
  },
  { description: 'where a node is, signed by that node' },
);
export type RecordView = Static<typeof RecordView>;

export const PathView = Type.Object(
  {
    kind: Type.Enum(['neighbour', 'attached', 'routing', 'attachment', 'greedy', 'gateway', 'direct'], {
      description:
        'neighbour: a link to it; attached: a link to a server that it is attached to; routing: a route that a neighbour announced; ' +
        'attachment: by way of a server that it is attached to; greedy: a server nearer to it by id; gateway: any server; direct: an address that could be dialled',
    }),
    next: Type.Intersect([Person], { description: 'the next hop' }),
    through: Type.Optional(Type.Intersect([Person], { description: 'the server to which messages are readdressed' })),
    endpoint: Type.Optional(Type.String({ description: 'what would be dialled' })),
    hops: Type.Integer(),
    guessed: Type.Boolean({ description: 'whether the number of hops is a guess' }),
    latency_ms: Type.Optional(Type.Number({ description: 'one-way latency, as far as it was measured' })),
    reliability: Type.Number({ description: 'share of messages that get through, 0 to 1' }),
    cost: Type.Number({ description: 'hops, latency and reliability in one figure: lower is better' }),
    chosen: Type.Boolean({ description: 'whether the next message goes this way' }),
    why: Type.String({ description: 'why it ranks where it does, for people' }),
  },
  { description: 'a way to a node' },
);
export type PathView = Static<typeof PathView>;

export const RouteView = Type.Object({
  node: Person,
  record: Type.Optional(Type.Intersect([RecordView], { description: 'absent if none is known' })),
  paths: Type.Array(PathView, { description: 'in the order in which they are tried: best first' }),
  hidden: Type.Optional(
    Type.Boolean({ description: 'what is between the user and this node goes by circuit, and takes none of these paths' }),
  ),
});
export type RouteView = Static<typeof RouteView>;

export const ChannelList = Type.Object({ channels: Type.Array(ChannelView) });
export type ChannelList = Static<typeof ChannelList>;
export const PersonList = Type.Object({ members: Type.Array(MemberView) });
export type PersonList = Static<typeof PersonList>;
export const MessageList = Type.Object({ messages: Type.Array(MessageView) });
export type MessageList = Static<typeof MessageList>;

/** One text message of the WebSocket `/v1/events`, as JSON. Ignore events that you do not know: there will be more. */
export const ApiEvent = Type.Union([
  Type.Object(
    {
      event: Type.Literal('message'),
      message: MessageView,
      late: Type.Boolean({ description: 'whether it fills a gap that was reported before' }),
    },
    { description: 'a message to show; those of one sender come in order. Own messages too, whichever program sent them' },
  ),
  Type.Object(
    { event: Type.Literal('changed'), message: MessageView },
    { description: 'a message was edited, deleted, reacted to, or pinned' },
  ),
  Type.Object(
    { event: Type.Literal('expired'), channel_id: Type.String(), cursors: Type.Array(Type.String()) },
    { description: 'messages have expired and were deleted here' },
  ),
  Type.Object(
    { event: Type.Literal('gap'), channel_id: Type.String(), sender: Person, from: Type.Integer(), to: Type.Integer() },
    { description: 'messages of a sender, by their numbers, that did not arrive in time' },
  ),
  Type.Object(
    { event: Type.Literal('delivery'), msg_id: Type.String(), delivery: DeliveryView },
    { description: 'the delivery state of an own message changed' },
  ),
  Type.Object(
    { event: Type.Literal('member'), channel_id: Type.String(), member: Person, joined: Type.Boolean() },
    { description: 'somebody joined or left a channel' },
  ),
  Type.Object(
    { event: Type.Literal('read'), channel_id: Type.String(), unread: Type.Integer() },
    { description: 'the number of unread messages of a channel changed' },
  ),
  Type.Object(
    {
      event: Type.Literal('attachment'),
      channel_id: Type.String(),
      sha256: Type.String(),
      state: AttachmentStateView,
      have: Type.Optional(Type.Integer({ description: 'bytes that are on this node' })),
      size: Type.Optional(Type.Integer()),
      error: Type.Optional(TroubleView),
    },
    { description: 'the state of an attachment changed, or more of it has arrived' },
  ),
  Type.Object(
    { event: Type.Literal('reading'), path: Type.String(), have: Type.Integer(), size: Type.Integer() },
    { description: 'progress of reading a local file before it is sent' },
  ),
  Type.Object(
    { event: Type.Literal('invitation'), channel_id: Type.String() },
    { description: 'an invitation to a closed channel arrived, or was answered' },
  ),
  Type.Object({ event: Type.Literal('channel'), channel_id: Type.String() }, { description: 'a channel is new, or has changed' }),
  Type.Object(
    { event: Type.Literal('presence'), person: Person },
    {
      description:
        'a neighbour, a contact, or a member of a joined channel came into reach or went out of it, or a contact became active or went away',
    },
  ),
  TypingEvent,
  Type.Object(
    { event: Type.Literal('person'), person: Person },
    { description: 'the name of somebody became known: until now only their node id was' },
  ),
  Type.Object(
    {
      event: Type.Literal('contact'),
      news: Type.Enum(['requested', 'incoming', 'accepted', 'declined', 'changed', 'key-change', 'removed']),
      contact: ContactView,
    },
    { description: 'somebody asks to be a contact, or a contact has changed' },
  ),
  Type.Object(
    { event: Type.Literal('devices'), devices: DevicesView },
    { description: 'the devices of this user have changed, or one is being linked' },
  ),
  Type.Object(
    { event: Type.Literal('settings'), settings: SettingsView },
    { description: 'the settings of what the user shares have changed' },
  ),
  Type.Object({ event: Type.Literal('links'), count: Type.Integer() }, { description: 'a link opened or ended: how many there are now' }),
]);
export type ApiEvent = Static<typeof ApiEvent>;
