import type { Static } from 'typebox';
import * as Type from 'typebox';

export const PresenceView = Type.Object(
  {
    state: Type.Optional(Type.Enum(['here', 'away'], { description: 'left out: not known now' })),
    seen: Type.String({ description: 'RFC 3339, when they were last there, to the minute' }),
  },
  { description: 'of a contact who shares it, where this user shares it too: whether they are there' },
);
export type PresenceView = Static<typeof PresenceView>;

export const Person = Type.Object({
  node_id: Type.String(),
  key: Type.Optional(Type.String({ description: 'key id, where it is known' })),
  name: Type.Optional(Type.String({ description: 'the name in the certificate, where it is known' })),
  display: Type.String({ description: '`name#1a2b`, or the beginning of the node id' }),
  present: Type.Boolean({ description: 'whether a route is known now' }),
  presence: Type.Optional(PresenceView),
  of: Type.Optional(
    Type.Object(
      { key: Type.String(), node_id: Type.String(), device: Type.String({ description: 'what the device is called' }) },
      { description: 'of a linked device: the person whose it is, or was; `display` is that of the person' },
    ),
  ),
});
export type Person = Static<typeof Person>;

export const RoleName = Type.Enum(['owner', 'moderator', 'member', 'observer']);

/** Of a closed channel `role`, and `invited` where they have not accepted yet. */
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
    key: Type.String({ description: 'key id: that is who they are' }),
    node_id: Type.String(),
    name: Type.Optional(Type.String({ description: 'what they call themselves' })),
    alias: Type.Optional(Type.String({ description: 'what the user calls them' })),
    display: Type.String({ description: 'the alias, else `name#1a2b`, else the beginning of the key' }),
    state: Type.Enum(['requested', 'incoming', 'accepted'], { description: 'we have asked; they have asked; both have said yes' }),
    declined: Type.Optional(Type.Boolean({ description: 'they have said no to what we asked' })),
    verified: Type.Boolean({ description: 'the user has compared the safety number' }),
    blocked: Type.Boolean(),
    present: Type.Boolean({ description: 'whether a route is known now' }),
    presence: Type.Optional(PresenceView),
    added: Type.String({ description: 'RFC 3339' }),
    note: Type.Optional(Type.String({ description: 'the words of the request' })),
    new_key: Type.Optional(
      Type.Object(
        { key: Type.String(), time: Type.String() },
        { description: 'the key that theirs has named to take its place, and when: the user is to say whether they believe it' },
      ),
    ),
    channel_id: Type.Optional(Type.String({ description: 'the direct conversation with them, once both have said yes' })),
    before: Type.Optional(
      Type.Object(
        { key: Type.String(), time: Type.String() },
        { description: 'the key that they had before, which has signed for this one' },
      ),
    ),
  },
  { description: 'somebody whom the user knows by key, or who wants to be known' },
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
  { description: 'all of those who are writing something in a channel now; nobody any more where it is empty' },
);
