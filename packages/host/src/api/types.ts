import Type, { type Static } from 'typebox';

/**
 * What the local API of a running node speaks of (DESIGN section 12). Schemas, so that requests are checked, the command knows what it
 * gets, and OpenAPI is derived from the same words.
 */
export const Person = Type.Object({
  node_id: Type.String(),
  key: Type.Optional(Type.String({ description: 'key id, where it is known' })),
  name: Type.Optional(Type.String({ description: 'the name in the certificate, where it is known' })),
  display: Type.String({ description: '`name#1a2b`, or the beginning of the node id' }),
  present: Type.Boolean({ description: 'whether a route is known now' }),
});
export type Person = Static<typeof Person>;

export const ChannelView = Type.Object({
  id: Type.String(),
  name: Type.String(),
  joined: Type.Boolean(),
  owner: Type.Optional(Type.String({ description: 'key id' })),
  members: Type.Integer(),
});
export type ChannelView = Static<typeof ChannelView>;

export const DeliveryView = Type.Object({
  state: Type.Union(['sending', 'sent', 'stored', 'delivered', 'read', 'failed'].map((state) => Type.Literal(state))),
  recipients: Type.Array(
    Type.Object({ node_id: Type.String(), display: Type.String(), state: Type.String(), by: Type.Optional(Type.String()), reason: Type.Optional(Type.String()) }),
  ),
});
export type DeliveryView = Static<typeof DeliveryView>;

export const MessageView = Type.Object({
  msg_id: Type.String(),
  channel_id: Type.String(),
  channel: Type.String({ description: 'the name of the channel' }),
  sender: Person,
  own: Type.Boolean(),
  seq: Type.Integer(),
  time: Type.String({ description: 'RFC 3339, by the clock of the sender' }),
  received: Type.String({ description: 'RFC 3339, by the clock of this node' }),
  text: Type.String(),
  via: Type.Array(Type.String(), { description: 'node ids that passed it on' }),
  cursor: Type.String({ description: 'its place in the channel, for paging' }),
  delivery: Type.Optional(DeliveryView),
});
export type MessageView = Static<typeof MessageView>;

export const LinkView = Type.Object({
  peer: Person,
  node_type: Type.String(),
  address: Type.String(),
  dialled: Type.Boolean(),
  transport: Type.String(),
  latency_ms: Type.Number(),
  version: Type.String(),
  queued_bytes: Type.Integer(),
});

export const StatusView = Type.Object({
  node_id: Type.String(),
  key: Type.String(),
  name: Type.String(),
  node_type: Type.String(),
  version: Type.String(),
  uptime_s: Type.Number(),
  tls: Type.Optional(Type.String()),
  http: Type.Optional(Type.String()),
  connect: Type.Array(Type.String(), { description: 'addresses that the node keeps links to' }),
  links: Type.Array(LinkView),
  reachable_nodes: Type.Integer(),
  channels: Type.Integer(),
  stored_messages: Type.Integer({ description: 'messages of which this node has custody' }),
  store_bytes: Type.Integer(),
});
export type StatusView = Static<typeof StatusView>;

export const ErrorView = Type.Object({ error: Type.Object({ code: Type.String(), message: Type.String(), data: Type.Optional(Type.Object({})) }) });
export type ErrorView = Static<typeof ErrorView>;

/** One line of the WebSocket `/v1/events`, as JSON. */
export type ApiEvent =
  | { readonly event: 'message'; readonly message: MessageView; readonly late: boolean }
  | { readonly event: 'gap'; readonly channel_id: string; readonly sender: Person; readonly from: number; readonly to: number }
  | { readonly event: 'delivery'; readonly msg_id: string; readonly delivery: DeliveryView }
  | { readonly event: 'member'; readonly channel_id: string; readonly member: Person; readonly joined: boolean }
  | { readonly event: 'channel'; readonly channel_id: string }
  | { readonly event: 'presence'; readonly person: Person }
  | { readonly event: 'links'; readonly count: number };

/*
 * Paths, all below http://127.0.0.1:PORT of DATA/api.json, with `Authorization: Bearer TOKEN`:
 *
 *   GET    /v1/status                                      StatusView
 *   GET    /v1/channels                                    { channels: ChannelView[] }
 *   POST   /v1/channels            { name }                ChannelView (201)
 *   POST   /v1/channels/:channel/join                      ChannelView      (:channel is an id, or a name, URL-encoded)
 *   POST   /v1/channels/:channel/leave                     204
 *   GET    /v1/channels/:channel/members                   { members: Person[] }
 *   GET    /v1/channels/:channel/messages ?before&after&limit    { messages: MessageView[] }, oldest first
 *   POST   /v1/channels/:channel/messages { text }         MessageView (201)
 *   GET    /v1/search ?q&channel&limit                     { messages: MessageView[] }, latest first
 *   POST   /v1/stop                                        204, then the node ends cleanly
 *   WS     /v1/events                                      ApiEvent, one a text message
 *   GET    /v1/openapi.json                                OpenAPI 3.1
 */
