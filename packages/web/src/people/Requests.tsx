import type { ContactView } from '@parley/core';
import { type ReactNode, useMemo, useState } from 'react';
import { useApp, useSelect } from '../app/hooks.ts';
import { inert } from '../chat/plain.ts';
import { textPieces } from '../chat/textPieces.tsx';
import { showDialog } from '../state/actions.ts';
import { acceptContact, calledOf, contactPerson, declineContact, openRequests } from '../state/contacts.ts';
import { Sheet } from '../ui/Sheet.tsx';
import { shortTime } from '../ui/time.ts';
import { Avatar } from './Avatar.tsx';
import { BlockQuestion } from './BlockQuestion.tsx';
import { Name } from './Name.tsx';

const NOBODY: readonly ContactView[] = [];

/** Those who ask to be contacts, with what they say of themselves. */
export function Requests(): ReactNode {
  const context = useApp();
  const contacts = useSelect((state) => state.contacts ?? NOBODY);
  const requests = useMemo(() => openRequests(contacts), [contacts]);
  return (
    <Sheet title="Contact requests" onClose={() => showDialog(context, undefined)}>
      {requests.length === 0 ? (
        <p className="quiet">Nobody is waiting for an answer.</p>
      ) : (
        <>
          <p className="quiet">
            Names and words are theirs: anybody can call themselves anything. Accept only people whom you know or expect.
          </p>
          <ul className="requests">
            {requests.map((contact) => (
              <li key={contact.key}>
                <Request contact={contact} />
              </li>
            ))}
          </ul>
        </>
      )}
    </Sheet>
  );
}

function Request({ contact }: { contact: ContactView }): ReactNode {
  const name = inert(calledOf(contact));
  return (
    <article className="request" aria-label={name}>
      <div className="request-head">
        <Avatar person={contact} size={36} present={contact.present} />
        <span className="request-who">
          <Name person={contactPerson(contact)} />
          <code>{contact.key}</code>
        </span>
        <time className="quiet" dateTime={contact.added}>
          {shortTime(contact.added)}
        </time>
      </div>
      {contact.note !== undefined && (
        <blockquote className="request-note" dir="auto">
          {textPieces(contact.note)}
        </blockquote>
      )}
      <AnswerButtons contact={contact} />
    </article>
  );
}

/** What can be answered to who asks. */
export function AnswerButtons({ contact }: { contact: ContactView }): ReactNode {
  const context = useApp();
  const [blocking, setBlocking] = useState(false);
  const name = inert(calledOf(contact));
  return (
    <>
      <div className="button-row" hidden={blocking}>
        <button type="button" className="button button-danger" aria-label={`Block ${name}`} onClick={() => setBlocking(true)}>
          Block
        </button>
        <button type="button" className="button" aria-label={`Decline ${name}`} onClick={() => void declineContact(context, contact)}>
          Decline
        </button>
        <button
          type="button"
          className="button button-primary"
          aria-label={`Accept ${name}`}
          onClick={() => void acceptContact(context, contact)}
        >
          Accept
        </button>
      </div>
      {blocking && <BlockQuestion keyId={contact.key} name={name} onNo={() => setBlocking(false)} />}
    </>
  );
}
