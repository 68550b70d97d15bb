import type { Static } from 'typebox';
import * as Type from 'typebox';

export const PresenceView = Type.Object(
  {
    state: Type.Optional(Type.Enum(['here', 'away'], { description: 'absent: not known now' })),
    seen: Type.String({ description: 'RFC 3339: when they were last active, to the minute' }),
  },
  { description: 'whether a contact is active, if both the contact and this user share it' },
);
export type PresenceView = Static<typeof PresenceView>;

/** Of a linked device. */
export const DeviceOf = Type.Object(
  {
    key: Type.String(),
    node_id: Type.String(),
    device: Type.String({ description: 'what the device is called' }),
    former: Type.Optional(Type.Boolean({ description: 'it was revoked, and stands for nobody but itself' })),
  },
  { description: 'for a linked device: the person whose device it is, or was; `display` is then that of the person' },
);

export const Person = Type.Object({
  node_id: Type.String(),
  key: Type.Optional(Type.String({ description: 'key id, where it is known' })),
  name: Type.Optional(Type.String({ description: 'the name in the certificate, where it is known' })),
  display: Type.String({ description: '`name#1a2b`, or the beginning of the node id' }),
  present: Type.Boolean({ description: 'whether a route is known now' }),
  presence: Type.Optional(PresenceView),
  of: Type.Optional(DeviceOf),
});
export type Person = Static<typeof Person>;

export const RoleName = Type.Enum(['owner', 'moderator', 'member', 'observer']);

/** A member of a channel; `role` and `invited` are there for closed channels only. */
export const MemberView = Type.Object({
  ...Person.properties,
  role: Type.Optional(RoleName),
  invited: Type.Optional(Type.Boolean({ description: 'invited to a closed channel, and has not accepted yet' })),
});
export type MemberView = Static<typeof MemberView>;

const History = Type.Union([Type.Literal('none'), Type.Literal('all'), Type.Integer({ minimum: 1 })], {
  description: 'what newcomers may read of the time before them: nothing, all, or the last so many messages',
});

export const ClosedView = Type.Object({
  channel_id: Type.String(),
  role: Type.Optional(RoleName),
  history: History,
});
export type ClosedView = Static<typeof ClosedView>;

export const InvitationView = Type.Object({
  channel_id: Type.String(),
  name: Type.String(),
  by: Person,
  role: Type.Optional(RoleName),
  members: Type.Integer(),
  received: Type.String({ description: 'RFC 3339' }),
  accepted: Type.Boolean({ description: 'accepted; no member has given the key yet' }),
});
export type InvitationView = Static<typeof InvitationView>;

export const InvitationList = Type.Object({ invitations: Type.Array(InvitationView) });
export type InvitationList = Static<typeof InvitationList>;

export const ContactView = Type.Object(
  {
    key: Type.String({ description: 'key id: their identity' }),
    node_id: Type.String(),
    name: Type.Optional(Type.String({ description: 'what they call themselves' })),
    alias: Type.Optional(Type.String({ description: 'what the user calls them' })),
    display: Type.String({ description: 'the alias, else `name#1a2b`, else the beginning of the key' }),
    state: Type.Enum(['requested', 'incoming', 'accepted'], {
      description: 'requested: we have asked; incoming: they have asked; accepted: both have agreed',
    }),
    declined: Type.Optional(Type.Boolean({ description: 'they have declined our request' })),
    verified: Type.Boolean({ description: 'the user has compared the safety number' }),
    blocked: Type.Boolean(),
    present: Type.Boolean({ description: 'whether a route is known now' }),
    presence: Type.Optional(PresenceView),
    added: Type.String({ description: 'RFC 3339' }),
    note: Type.Optional(Type.String({ description: 'the text of the request' })),
    new_key: Type.Optional(
      Type.Object(
        { key: Type.String(), time: Type.String() },
        { description: 'the key that their key has named as its successor, and when; the user has to decide whether to believe it' },
      ),
    ),
    channel_id: Type.Optional(Type.String({ description: 'the direct conversation with them, once both have said yes' })),
    before: Type.Optional(
      Type.Object({ key: Type.String(), time: Type.String() }, { description: 'the key that they had before, which signed this one' }),
    ),
  },
  { description: 'somebody whose key the user knows, or who asks to be a contact' },
);
export type ContactView = Static<typeof ContactView>;

export const ContactList = Type.Object({ contacts: Type.Array(ContactView) });
export type ContactList = Static<typeof ContactList>;
export const ContactLinkView = Type.Object({ link: Type.String({ description: '`parley:contact/<key id>?name=…`' }) });
export type ContactLinkView = Static<typeof ContactLinkView>;
export const SafetyNumberView = Type.Object({ number: Type.String({ description: '60 digits in twelve groups' }) });
export type SafetyNumberView = Static<typeof SafetyNumberView>;

export const TypingEvent = Type.Object(
  { event: Type.Literal('typing'), channel_id: Type.String(), people: Type.Array(Person) },
  { description: 'everybody who is writing in a channel now; an empty list if nobody is any more' },
);
