import { ACT_KINDS, DEFAULT_LIMIT } from '@parley/core';
import Type, { type Static } from 'typebox';

const MAX_QUERY_LENGTH = 1_000;
const Limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: DEFAULT_LIMIT, description: 'most messages in the answer' }));
const Channel = Type.String({
  minLength: 1,
  maxLength: 256,
  description: 'the id of a channel, its name with or without #, or @ and the name of a contact',
});

export const ChannelParams = Type.Object({ channel: Channel });

export const KeyParams = Type.Object({ key: Type.String({ minLength: 1, maxLength: 64, description: 'a key id (`key_…`) or a node id' }) });

export const PageQuery = Type.Object({
  before: Type.Optional(Type.String({ maxLength: 256, description: 'a cursor: messages before it' })),
  after: Type.Optional(Type.String({ maxLength: 256, description: 'a cursor: messages after it; counts more than `before`' })),
  limit: Limit,
});

export const SearchQuery = Type.Object({
  q: Type.String({ minLength: 1, maxLength: MAX_QUERY_LENGTH, description: 'every word of it; the last may be a beginning' }),
  channel: Type.Optional(Channel),
  limit: Limit,
});

const History = Type.Union([Type.Literal('none'), Type.Literal('all'), Type.Integer({ minimum: 1, maximum: 100_000 })], {
  description: 'what newcomers to a closed channel may read of the time before them: nothing, all, or the last so many messages',
});

export const NewChannel = Type.Object({
  name: Type.String({ maxLength: 256, description: 'with or without #' }),
  closed: Type.Optional(Type.Boolean({ description: 'for invited members alone, and encrypted' })),
  history: Type.Optional(History),
});

const Who = Type.String({
  minLength: 1,
  maxLength: 256,
  description: 'a key id, a node id, a contact by name or alias, or a member as they are shown',
});
export const WhoIsMeant = Type.Object({ who: Who });
export const NewMember = Type.Object({ who: Who, role: Type.Optional(Type.Enum(['moderator', 'member', 'observer'])) });
export const NewRole = Type.Object({ who: Who, role: Type.Enum(['owner', 'moderator', 'member', 'observer']) });
export const ClosedChanges = Type.Object({ name: Type.Optional(Type.String({ maxLength: 256 })), history: Type.Optional(History) });

/** Ids are chosen by whoever sends: two messages of different members may bear one. */
const Which = Type.String({ maxLength: 256, description: 'its msg_id; or, where several bear that, its cursor' });

export const AttachmentParams = Type.Object({
  channel: Channel,
  msg_id: Which,
  index: Type.String({ pattern: '^\\d{1,3}$', description: 'its place in the message, from 0' }),
});

export const FileParams = Type.Object({ root: Type.String({ pattern: '^[0-9a-f]{64}$' }) });

/** What is to be attached: a file on the machine of the node, or content. */
const NewAttachment = Type.Object({
  path: Type.Optional(Type.String({ minLength: 1, maxLength: 4096, description: 'absolute path of a file that the node can read' })),
  content: Type.Optional(Type.String({ maxLength: 384 * 1024, description: 'base64; in place of a path' })),
  name: Type.Optional(Type.String({ maxLength: 1024, description: 'default: that of the path' })),
  type: Type.Optional(Type.String({ maxLength: 127, description: 'media type; default: by the name' })),
});
export type NewAttachmentBody = Static<typeof NewAttachment>;

/** The core says in its own words what is too long. */
export const NewMessage = Type.Object({
  text: Type.String(),
  reply_to: Type.Optional(Type.String({ maxLength: 64, description: 'msg_id of the message of the same channel that it answers' })),
  attachments: Type.Optional(Type.Array(NewAttachment, { maxItems: 64 })),
  msg_id: Type.Optional(
    Type.String({ maxLength: 64, description: 'a GUID: of a message that was sent already, that one is the answer and nothing is sent' }),
  ),
});

export const NewAct = Type.Object({
  kind: Type.Enum([...ACT_KINDS]),
  msg_id: Which,
  text: Type.Optional(Type.String({ description: 'of an edit the new text, of a reaction the emoji' })),
});

const Contact = Type.String({ minLength: 1, maxLength: 256, description: 'a key id, node id, name or alias' });
export const ContactParams = Type.Object({ contact: Contact });

/** The core says in its own words what may be in it. */
export const NewContact = Type.Object({
  link: Type.String({ maxLength: 4096, description: 'a link to a contact, or a key id' }),
  alias: Type.Optional(Type.String({ maxLength: 512, description: 'what the user calls them' })),
  note: Type.Optional(Type.String({ maxLength: 1024, description: 'words for them, at most 280 bytes' })),
});

export const ContactAlias = Type.Object({ alias: Type.Optional(Type.String({ maxLength: 512 })) });

export const TheirNumber = Type.Object({
  number: Type.Optional(Type.String({ maxLength: 256, description: 'the safety number that they see' })),
});

export const KeyDecision = Type.Object({ believed: Type.Boolean() });

export const NewRotation = Type.Object({
  contacts: Type.Union(
    [Type.Literal('verified'), Type.Literal('all'), Type.Array(Type.String({ minLength: 1, maxLength: 128 }), { maxItems: 5000 })],
    { description: 'who is told: those whose safety number was compared, all, or these, by key id, name or alias' },
  ),
});

export const RotationEnd = Type.Object({
  anyway: Type.Optional(Type.Boolean({ description: 'though some contacts were not told yet: they are told afterwards' })),
});

export const NewTimer = Type.Object({
  seconds: Type.Integer({ minimum: 0, maximum: 2_419_200, description: 'from a minute to four weeks, or 0: messages stay' }),
});

export const TypingNow = Type.Object({
  typing: Type.Boolean({ description: 'false: stopped, without sending' }),
});

export const ReadMark = Type.Object({
  cursor: Type.String({ maxLength: 256, description: 'everything up to this message has been seen' }),
});
