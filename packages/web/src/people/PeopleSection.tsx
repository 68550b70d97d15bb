import type { ContactView } from '@parley/core';
import { ShieldCheck, TriangleAlert, UserPlus } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import { useApp, useSelect } from '../app/hooks.ts';
import { inert } from '../chat/plain.ts';
import { showDialog } from '../state/actions.ts';
import { calledOf, knownContacts, openRequests } from '../state/contacts.ts';
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
              <span className="badge">
                {requests > 99 ? '99+' : requests}
                <span className="sr-only"> open</span>
              </span>
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
  return (
    <button type="button" className="channel" onClick={() => showDialog(context, { kind: 'person', nodeId: contact.node_id })}>
      <Avatar person={contact} size={22} present={contact.present} />
      <bdi className="channel-name">{inert(calledOf(contact))}</bdi>
      <ContactMark contact={contact} />
    </button>
  );
}

/** What stands behind a name, beyond the name. */
function ContactMark({ contact }: { contact: ContactView }): ReactNode {
  const here = contact.present ? <span className="sr-only">, here now</span> : null;
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
