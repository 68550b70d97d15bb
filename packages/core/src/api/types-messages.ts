import type { Static } from 'typebox';
import * as Type from 'typebox';
import { AttachmentView } from './file-types.ts';
import { Person } from './types-people.ts';

export const DeliveryView = Type.Object(
  {
    state: Type.Enum(['sending', 'sent', 'stored', 'delivered', 'read', 'failed'], { description: 'one word for all recipients' }),
    recipients: Type.Array(
      Type.Object({
        node_id: Type.String(),
        display: Type.String(),
        state: Type.Enum(['waiting', 'sent', 'stored', 'delivered', 'read', 'expired', 'failed']),
        by: Type.Optional(Type.String({ description: 'the node that said so' })),
        reason: Type.Optional(Type.String()),
      }),
    ),
  },
  { description: 'where an own message stands' },
);
export type DeliveryView = Static<typeof DeliveryView>;

const Done = Type.Object({ by: Person, time: Type.String({ description: 'RFC 3339' }) });
export const MessageView = Type.Object({
  msg_id: Type.String(),
  channel_id: Type.String(),
  channel: Type.String({ description: 'the name of the channel' }),
  channel_kind: Type.Optional(Type.Enum(['closed', 'direct'], { description: 'left out: public' })),
  sender: Person,
  own: Type.Boolean(),
  seq: Type.Integer({ description: 'counts what its sender sent to the channel, and did to messages of it' }),
  missing: Type.Optional(Type.Integer({ description: 'numbers before it that are not here; not there where none is missing' })),
  time: Type.String({ description: 'RFC 3339, by the clock of the sender' }),
  received: Type.String({ description: 'RFC 3339, by the clock of this node' }),
  expires: Type.Optional(Type.String({ description: 'RFC 3339, when it goes from here' })),
  text: Type.String(),
  reply_to: Type.Optional(Type.String({ description: 'msg_id of the message of this channel that it answers, by the word of its sender' })),
  attachments: Type.Optional(Type.Array(AttachmentView, { description: 'where there are any' })),
  via: Type.Optional(Type.Array(Type.String(), { description: 'node ids that passed it on; not there for what came by catch-up' })),
  given_by: Type.Optional(Type.Intersect([Person], { description: 'the member that gave it by catch-up' })),
  cursor: Type.String({ description: 'its place in the channel, for paging' }),
  delivery: Type.Optional(DeliveryView),
  edited: Type.Optional(Type.String({ description: 'RFC 3339, when its sender gave it the text that it has now' })),
  deleted: Type.Optional(Done),
  reactions: Type.Optional(
    Type.Array(
      Type.Object({ emoji: Type.String(), by: Type.Array(Person), own: Type.Boolean({ description: 'whether this node is among them' }) }),
    ),
  ),
  pinned: Type.Optional(Done),
  earlier: Type.Optional(
    Type.Enum(['key', 'conversation'], {
      description:
        'it was said before a key was replaced: under an earlier key of this user, who cannot edit or delete it any more; or in the conversation from ' +
        'which this one goes on, where nothing can be done to it',
    }),
  ),
});
export type MessageView = Static<typeof MessageView>;
