import { Base64, Guid, KeyId, Name, NodeRef, Nonce, type Static, Text, Timestamp, Type, validator } from '../../wire/schema.ts';
import { defineVerb } from '../../wire/verb.ts';
import { MAX_LIFETIME_S } from './lifetime.ts';
import { MAX_LACKS } from './offers.ts';

/** Members listed in one CHANNEL, and recipients of one MESSAGE. */
export const MAX_MEMBERS = 1000;
/** Bytes of the JWS of one message: its text, escaped as JSON, in base64. */
export const MAX_JWS_BYTES = 256 * 1024;
/** Bytes of the JWE around such a JWS and what is attached to it: in base64 twice, and padded. */
export const MAX_JWE_BYTES = 640 * 1024;
/** A closed channel's name is empty on the wire (WIRE "Closed channels"). */
const WireName = Type.Union([Name, Type.Literal('')]);
/** Bytes of attachments inside one message, together (WIRE, DESIGN section 6). */
export const MAX_INLINE_BYTES = 256 * 1024;

/** A change to a closed channel, as a member has signed it: a compact JWS. */
export const SignedEntry = Type.String({ pattern: '^[A-Za-z0-9_.-]{1,1024}$', description: 'compact JWS, at most 1024 characters' });
/** Entries in one CHANNEL. */
export const MAX_TOLD_ENTRIES = 150;

/** Of closed channels they go to members alone, sealed. */
const flood = { reach: 'flood', alsoSealed: true, ttl: 32, proof: 'auth', acked: false, source: 'S2' } as const;

/** Attachments of one message. */
export const MAX_ATTACHMENTS = 16;

/** What is attached to a message and travels in it. Only what the signed payload says of it counts. */
const Inline = Type.Object({
  attachment: Base64(MAX_INLINE_BYTES),
  attachment_type: Type.String({ pattern: '^[a-zA-Z0-9!#$&^_.+/-]{3,127}$' }),
});
export type InlineContent = Static<typeof Inline>;
const InlineList = Type.Array(Inline, { maxItems: MAX_ATTACHMENTS });
/** The same inside a sealed message. */
export const inlineContents = validator(InlineList);
const Digest = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256, hexadecimal' });

export const CHANNEL = defineVerb({
  name: 'CHANNEL',
  summary: 'Announces a channel: by whoever creates it, and by a member when nobody has for a while.',
  ...flood,
  kind: 'discovery',
  maxBytes: 96 * 1024,
  rate: { perSecond: 2, burst: 200 },
  data: Type.Object({
    msg_id: Guid,
    node_id: Guid,
    channel: Name,
    channel_id: Guid,
    members: Type.Array(NodeRef, { maxItems: MAX_MEMBERS }),
    closed: Type.Optional(Type.Boolean()),
    count: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000_000 })),
    creator: Type.Optional(KeyId),
    nonce: Type.Optional(Nonce),
    entries: Type.Optional(Type.Array(SignedEntry, { maxItems: MAX_TOLD_ENTRIES })),
  }),
});

const Membership = Type.Object({
  msg_id: Guid,
  node_id: Guid,
  channel: Name,
  channel_id: Guid,
  entries: Type.Optional(Type.Array(SignedEntry, { maxItems: 2 })),
});

export const JOIN = defineVerb({
  name: 'JOIN',
  summary: 'The sender is a member of the channel from now on.',
  ...flood,
  maxBytes: 4096,
  rate: { perSecond: 2, burst: 200 },
  data: Membership,
});

export const LEAVE = defineVerb({
  name: 'LEAVE',
  summary: 'The sender is no member of the channel any more.',
  ...flood,
  maxBytes: 4096,
  rate: { perSecond: 2, burst: 200 },
  data: Membership,
});

export const MESSAGE = defineVerb({
  name: 'MESSAGE',
  summary: 'A message to the members of a channel: a JWS that its sender signed; in closed channels, sealed.',
  source: 'S2',
  reach: 'directed',
  ttl: 32,
  proof: 'jws',
  jws: { member: 'message', agrees: ['msg_id', 'node_id', 'channel_id', 'timestamp'], time: 'timestamp' },
  acked: true,
  split: true,
  unsigned: ['recipient'],
  maxBytes: 960 * 1024,
  // What a fast and honest sender does: one processor signs and verifies about so many, and who was away gets all that waited at once.
  rate: { perSecond: 5000, burst: 20_000 },
  data: Type.Object({
    msg_id: Guid,
    node_id: Guid,
    recipient: Type.Array(NodeRef, { minItems: 1, maxItems: MAX_MEMBERS }),
    timestamp: Timestamp,
    channel: WireName,
    channel_id: Guid,
    message: Base64(MAX_JWE_BYTES),
    attachment: Type.Optional(InlineList),
  }),
});

const Seq = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });

/** What the JWS of a MESSAGE says. It must agree with the fields around it. */
export const MessagePayload = Type.Object({
  msg_id: Guid,
  node_id: Guid,
  channel_id: Guid,
  timestamp: Timestamp,
  text: Type.String(),
  attachments: Type.Array(
    Type.Object({
      sha256: Digest,
      type: Text(127),
      size: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
      name: Text(255),
      /** Of a file that is fetched by itself: the digest of its sealed list of chunks, and the key of them all. */
      root: Type.Optional(Digest),
      key: Type.Optional(Nonce),
    }),
    { maxItems: MAX_ATTACHMENTS },
  ),
  seq: Type.Optional(Seq),
  /** Between this number and `seq` nothing is to be waited for: there the author left numbers free. */
  after: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
  reply_to: Type.Optional(Guid),
  to: Type.Optional(KeyId),
  /** Seconds after which it goes. Counts in closed channels and direct conversations. */
  lifetime: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_LIFETIME_S })),
  act: Type.Optional(Type.Object({ kind: Text(16), msg_id: Guid, node_id: Guid, seq: Seq })),
});

/** Ranges of numbers, inclusive. */
const Lacks = Type.Array(Type.Object({ from: Seq, to: Seq }), { maxItems: MAX_LACKS });

/** Senders that one HAVE or WANT speaks of. */
export const MAX_SENDERS = 500;
const direct = { reach: 'directed', alsoSealed: true, ttl: 32, proof: 'auth', acked: false, source: '+' } as const;

export const HAVE = defineVerb({
  name: 'HAVE',
  summary:
    'Tells a member the highest number that the sender holds of each author in a channel, the lowest where that is not 1, and which between them it has not.',
  ...direct,
  maxBytes: 96 * 1024,
  rate: { perSecond: 20, burst: 200 },
  data: Type.Object({
    msg_id: Guid,
    node_id: Guid,
    recipient_id: Guid,
    channel_id: Guid,
    have: Type.Array(Type.Object({ node_id: Guid, seq: Seq, from: Type.Optional(Seq), lack: Type.Optional(Lacks) }), {
      maxItems: MAX_SENDERS,
    }),
    state: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{16}$', description: 'of closed channels: what tells entries apart' })),
  }),
});

export const WANT = defineVerb({
  name: 'WANT',
  summary:
    'Asks a member for the messages of authors by number, as they were signed, and for what is attached inside messages by its digest.',
  ...direct,
  maxBytes: 96 * 1024,
  rate: { perSecond: 20, burst: 200 },
  data: Type.Object({
    msg_id: Guid,
    node_id: Guid,
    recipient_id: Guid,
    channel_id: Guid,
    want: Type.Array(Type.Object({ node_id: Guid, from: Seq, to: Seq }), { maxItems: MAX_SENDERS }),
    /** What was attached inside messages, by digest. */
    attachment: Type.Optional(Type.Array(Digest, { maxItems: MAX_ATTACHMENTS })),
  }),
});

/** Messages in one HISTORY. */
export const MAX_HISTORY = 200;

export const HISTORY = defineVerb({
  name: 'HISTORY',
  summary: 'Answers WANT: messages of a channel, each the JWS that its author signed, or what is attached to them.',
  ...direct,
  maxBytes: 960 * 1024,
  rate: { perSecond: 50, burst: 500 },
  data: Type.Object({
    msg_id: Guid,
    node_id: Guid,
    recipient_id: Guid,
    channel_id: Guid,
    messages: Type.Array(Base64(MAX_JWS_BYTES), { maxItems: MAX_HISTORY }),
    /** Numbers of authors that were asked for, and are no more. */
    gone: Type.Optional(Type.Array(Type.Object({ node_id: Guid, from: Seq, to: Seq }), { maxItems: MAX_HISTORY })),
    attachment: Type.Optional(InlineList),
  }),
});

export const TYPING = defineVerb({
  name: 'TYPING',
  summary: 'The sender is writing in a conversation, or has stopped without sending.',
  source: '+',
  reach: 'sealed',
  fleeting: true,
  ttl: 0,
  proof: 'sealed',
  acked: false,
  maxBytes: 512,
  rate: { perSecond: 2, burst: 20 },
  data: Type.Object({ msg_id: Guid, node_id: Guid, channel_id: Guid, typing: Type.Boolean() }),
});

export const channelVerbs = [CHANNEL, JOIN, LEAVE, MESSAGE, HAVE, WANT, HISTORY, TYPING] as const;
