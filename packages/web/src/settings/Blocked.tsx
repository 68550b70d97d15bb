import type { ContactView } from '@parley/core';
import { type ReactNode, useMemo } from 'react';
import { useApp, useSelect } from '../app/hooks.ts';
import { inert } from '../chat/plain.ts';
import { Avatar } from '../people/Avatar.tsx';
import { Name } from '../people/Name.tsx';
import { calledOf, contactPerson, unblockContact } from '../state/contacts.ts';

const NOBODY: readonly ContactView[] = [];

/** Whose requests and messages are not heard. */
export function Blocked(): ReactNode {
  const context = useApp();
  const contacts = useSelect((state) => state.contacts ?? NOBODY);
  const blocked = useMemo(() => contacts.filter((contact) => contact.blocked), [contacts]);
  return (
    <section className="setting">
      <h2>Blocked people</h2>
      {blocked.length === 0 ? (
        <p className="quiet">Nobody is blocked. You block somebody where you see who they are: click on their name.</p>
      ) : (
        <ul className="servers">
          {blocked.map((contact) => (
            <li key={contact.key} className="server">
              <Avatar person={contact} size={32} />
              <span className="server-text">
                <Name person={contactPerson(contact)} />
                <code className="quiet">{contact.key}</code>
              </span>
              <button
                type="button"
                className="button"
                aria-label={`Unblock ${inert(calledOf(contact))}`}
                onClick={() => void unblockContact(context, contact)}
              >
                Unblock
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
