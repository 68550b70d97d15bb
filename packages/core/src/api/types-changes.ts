import type { Static } from 'typebox';
import * as Type from 'typebox';
import { Person, RoleName } from './types-people.ts';

/** What was changed about a conversation itself, as a line among its messages. */
export const ChangeView = Type.Object(
  {
    id: Type.String(),
    time: Type.String({ description: 'RFC 3339, by the clock of whoever did it' }),
    kind: Type.Enum(['invited', 'joined', 'declined', 'left', 'removed', 'uninvited', 'role', 'key', 'timer', 'name', 'history'], {
      description:
        'uninvited: an invitation was taken back; role: the member has another role now; key: the member is the new key of whoever signed; ' +
        'timer: how long messages last; history: what newcomers may read',
    }),
    by: Type.Intersect([Person], { description: 'who has signed it' }),
    own: Type.Boolean({ description: 'whether that was this user' }),
    member: Type.Optional(Type.Intersect([Person], { description: 'whom it is about' })),
    self: Type.Optional(Type.Boolean({ description: 'that is this user' })),
    role: Type.Optional(RoleName),
    seconds: Type.Optional(Type.Integer({ description: 'of a timer; 0: messages stay' })),
    name: Type.Optional(Type.String({ description: 'of the channel' })),
    history: Type.Optional(Type.Union([Type.Literal('none'), Type.Literal('all'), Type.Integer({ minimum: 1 })])),
  },
  { description: 'somebody has changed members, roles, settings or the timer of a closed channel, or the timer of a direct conversation' },
);
export type ChangeView = Static<typeof ChangeView>;

export const ChangeList = Type.Object({ changes: Type.Array(ChangeView) });
export type ChangeList = Static<typeof ChangeList>;
