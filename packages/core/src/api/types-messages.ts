import type { Static } from 'typebox';
import * as Type from 'typebox';
import { AttachmentView } from './file-types.ts';
import { DeviceOf, Person } from './types-people.ts';

export const DeliveryView = Type.Object(
  {
    state: Type.Enum(['sending', 'sent', 'stored', 'delivered', 'read', 'failed'], {
      description: 'the state for all people who are to get it taken together: with each as far as with one of their devices',
    }),
    recipients: Type.Array(
      Type.Object({
        node_id: Type.String(),
        display: Type.String(),
        of: Type.Optional(DeviceOf),
        own: Type.Optional(Type.Boolean({ description: 'another device of this user: it does not count' })),
        state: Type.Enum(['waiting', 'sent', 'stored', 'delivered', 'read', 'expired', 'failed']),
        by: Type.Optional(Type.String({ description: 'the node that reported it' })),
        reason: Type.Optional(
          Type.String({
            description:
              'why it failed, waits (`no path`; `no ack`: the next node does not confirm that it has it), or was sent in vain so far ' +
              '(`no receipt`: the recipient has not confirmed it in time)',
          }),
        ),
      }),
    ),
  },
  { description: 'the delivery state of an own message' },
);
export type DeliveryView = Static<typeof DeliveryView>;

const Done = Type.Object({ by: Person, time: Type.String({ description: 'RFC 3339' }) });
export const MessageView = Type.Object({
  msg_id: Type.String(),
  channel_id: Type.String(),
  channel: Type.String({ description: 'the name of the channel' }),
  channel_kind: Type.Optional(Type.Enum(['closed', 'direct'], { description: 'absent: public' })),
  sender: Person,
  own: Type.Boolean(),
  seq: Type.Integer({ description: 'counts, per sender, the messages to this channel and the changes to messages in it' }),
  missing: Type.Optional(Type.Integer({ description: 'how many messages of this sender before it are missing here; absent if none is' })),
  time: Type.String({ description: 'RFC 3339, by the clock of the sender' }),
  received: Type.String({ description: 'RFC 3339, by the clock of this node' }),
  expires: Type.Optional(Type.String({ description: 'RFC 3339: when it is deleted here' })),
  text: Type.String(),
  reply_to: Type.Optional(Type.String({ description: 'msg_id of the message in this channel that it answers, as its sender says' })),
  attachments: Type.Optional(Type.Array(AttachmentView, { description: 'absent if there are none' })),
  via: Type.Optional(
    Type.Array(Type.String(), { description: 'node ids of those that passed it on; absent for messages that came by catch-up' }),
  ),
  given_by: Type.Optional(Type.Intersect([Person], { description: 'the member that gave it by catch-up' })),
  cursor: Type.String({ description: 'its place in the channel, for paging' }),
  delivery: Type.Optional(DeliveryView),
  edited: Type.Optional(Type.String({ description: 'RFC 3339: when its sender last edited it' })),
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
        'it was written before a key was replaced. key: under an earlier key of this user, who can no longer edit or delete it; conversation: in the ' +
        'conversation that this one continues, where nothing can be changed',
    }),
  ),
});
export type MessageView = Static<typeof MessageView>;
