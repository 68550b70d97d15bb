import type { ContactView } from '@parley/core';
import { ShieldCheck, TriangleAlert, UserPlus } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import { useApp, useSelect } from '../app/hooks.ts';
import { UnreadBadge } from '../channels/UnreadBadge.tsx';
import { inert } from '../chat/plain.ts';
import { showDialog } from '../state/actions.ts';
import { calledOf, knownContacts, openRequests } from '../state/contacts.ts';
import { isAway, presenceWords } from '../state/presence.ts';
import { formatRoute } from '../state/route.ts';
import { IconButton } from '../ui/IconButton.tsx';
import { Avatar } from './Avatar.tsx';

const NOBODY: readonly ContactView[] = [];

/** Contacts, and who wants to be one. */
export function PeopleSection(): ReactNode {
  const context = useApp();
  const contacts = useSelect((state) => state.contacts ?? NOBODY);
  const known = useMemo(() => knownContacts(contacts), [contacts]);
  const requests = useMemo(() => openRequests(contacts).length, [contacts]);
  return (
    <>
      <div className="sidebar-section">
        <h2 id="people-heading">People</h2>
        <IconButton icon={UserPlus} label="Add a contact" onClick={() => showDialog(context, { kind: 'add-contact' })} />
      </div>
      <ul className="people-list" aria-labelledby="people-heading">
        {requests > 0 && (
          <li>
            <button type="button" className="channel channel-unread" onClick={() => showDialog(context, { kind: 'requests' })}>
              <UserPlus aria-hidden="true" />
              <span className="channel-name">Contact requests</span>
              <UnreadBadge unread={requests} words="open" />
            </button>
          </li>
        )}
        {known.map((contact) => (
          <li key={contact.key}>
            <ContactRow contact={contact} />
          </li>
        ))}
      </ul>
    </>
  );
}

function ContactRow({ contact }: { contact: ContactView }): ReactNode {
  const context = useApp();
  const conversation = useSelect(({ channels }) => channels?.find(({ id }) => id === contact.channel_id));
  const current = useSelect(({ route }) => route.view === 'channel' && route.channelId === conversation?.id);
  const inside = (
    <>
      <Avatar person={contact} size={22} present={contact.present} away={isAway(contact)} />
      <bdi className="channel-name">{inert(calledOf(contact))}</bdi>
      <ContactMark contact={contact} />
      <UnreadBadge unread={conversation?.unread ?? 0} />
    </>
  );
  if (conversation?.joined) {
    return (
      <a
        href={formatRoute({ view: 'channel', channelId: conversation.id })}
        className={`channel ${conversation.unread > 0 ? 'channel-unread' : ''}`}
        aria-current={current ? 'page' : undefined}
      >
        {inside}
      </a>
    );
  }
  return (
    <button type="button" className="channel" onClick={() => showDialog(context, { kind: 'person', nodeId: contact.node_id })}>
      {inside}
    </button>
  );
}

/** What stands behind a name, beyond the name. */
function ContactMark({ contact }: { contact: ContactView }): ReactNode {
  const words = presenceWords(contact) || (contact.present ? 'in reach' : '');
  const here = words === '' ? null : <span className="sr-only">, {words}</span>;
  if (contact.new_key) {
    return (
      <span className="contact-mark">
        <TriangleAlert aria-hidden="true" className="mark mark-bad" />
        <span className="sr-only">, their key has changed</span>
      </span>
    );
  }
  if (contact.state === 'requested') return <span className="contact-mark quiet">{contact.declined ? 'said no' : 'asked'}</span>;
  if (!contact.verified) return here;
  return (
    <span className="contact-mark">
      <ShieldCheck aria-hidden="true" className="mark mark-good" />
      <span className="sr-only">, verified</span>
      {here}
    </span>
  );
}
