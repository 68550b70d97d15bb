import type { ContactView } from '@parley/core';
import { TriangleAlert, UserPlus } from 'lucide-react';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useApp } from '../app/hooks.ts';
import { inert } from '../chat/plain.ts';
import { textPieces } from '../chat/textPieces.tsx';
import { openChannel, showDialog } from '../state/actions.ts';
import { calledOf, decideKey, removeContact, renameContact, unblockContact } from '../state/contacts.ts';
import { explain } from '../state/context.ts';
import { Field } from '../ui/Field.tsx';
import { NAME_UNITS, nameError } from '../ui/name-error.ts';
import { Question } from '../ui/Question.tsx';
import { fullTime, shortTime } from '../ui/time.ts';
import { BlockQuestion } from './BlockQuestion.tsx';
import { AnswerButtons } from './Requests.tsx';

interface ContactSectionProps {
  readonly contact: ContactView | undefined;
  /** Where it is known. */
  readonly keyId: string | undefined;
  /** What a stranger is called. */
  readonly display: string;
}

/** What somebody is to the user, and what can be done about it. */
export function ContactSection({ contact, keyId, display }: ContactSectionProps): ReactNode {
  const context = useApp();
  if (!contact) return keyId === undefined ? null : <Stranger keyId={keyId} name={inert(display)} />;
  if (contact.blocked) {
    return (
      <section className="contact-state" aria-label="Blocked">
        <p>
          <strong>Blocked.</strong> Nothing that they send you directly is heard, and they are not told.
        </p>
        <div className="button-row">
          <button type="button" className="button" onClick={() => void unblockContact(context, contact)}>
            Unblock
          </button>
        </div>
      </section>
    );
  }
  if (contact.state === 'incoming') {
    return (
      <section className="contact-state" aria-label="Contact request">
        <p>They ask to be your contact.</p>
        {contact.note !== undefined && (
          <blockquote className="request-note" dir="auto">
            {textPieces(contact.note)}
          </blockquote>
        )}
        <AnswerButtons contact={contact} />
      </section>
    );
  }
  return (
    <>
      {contact.new_key && <NewKey contact={contact} newKey={contact.new_key} />}
      {contact.state === 'requested' && (
        <div className="contact-state">
          <p>{contact.declined ? 'They have declined your request.' : 'You have asked them. You are contacts when they accept it.'}</p>
          {contact.declined && (
            <div className="button-row">
              <button type="button" className="button" onClick={() => showDialog(context, { kind: 'add-contact', link: contact.key })}>
                Ask again
              </button>
            </div>
          )}
        </div>
      )}
      {contact.before && !contact.verified && (
        <p className="contact-state">
          <strong>Their key has changed ({shortTime(contact.before.time)}).</strong> Their old key signed the new one. Compare the safety
          number again: the old number says nothing about this key.
        </p>
      )}
    </>
  );
}

function Stranger({ keyId, name }: { keyId: string; name: string }): ReactNode {
  const context = useApp();
  const [blocking, setBlocking] = useState(false);
  return (
    <>
      <div className="button-row contact-actions" hidden={blocking}>
        <button type="button" className="button button-danger" onClick={() => setBlocking(true)}>
          Block
        </button>
        <button type="button" className="button" onClick={() => showDialog(context, { kind: 'add-contact', link: keyId })}>
          <UserPlus aria-hidden="true" /> Add as a contact
        </button>
      </div>
      {blocking && <BlockQuestion keyId={keyId} name={name} onNo={() => setBlocking(false)} />}
    </>
  );
}

/** A key that names another in its place: nothing is believed before the user says so. */
function NewKey({ contact, newKey }: { contact: ContactView; newKey: NonNullable<ContactView['new_key']> }): ReactNode {
  const context = useApp();
  const decide = (believed: boolean): void => {
    void decideKey(context, contact, believed).then((decided) => {
      if (!decided || !believed) return;
      // Under another key the conversation goes on elsewhere, and so does whoever is in it.
      const { route } = context.store.get();
      const isInIt = route.view === 'channel' && route.channelId === contact.channel_id;
      if (isInIt && decided.channel_id !== undefined) openChannel(decided.channel_id);
      showDialog(context, { kind: 'person', nodeId: decided.node_id });
    });
  };
  return (
    <section className="contact-state contact-state-alert" aria-labelledby="new-key-heading">
      <h3 id="new-key-heading">
        <TriangleAlert aria-hidden="true" className="mark" /> Their key has changed
      </h3>
      <p>
        The key that you know of <bdi>{inert(calledOf(contact))}</bdi> has signed that another takes its place ({fullTime(newKey.time)}):
      </p>
      <p>
        <code>{newKey.key}</code>
      </p>
      <p>
        Most often that means a new device or new keys. It can also mean that somebody has got hold of their old key. Ask them in another
        way, by phone or face to face, before you believe it.
      </p>
      <p className="quiet">
        If you believe it, what you write goes to the new key, and the safety number has to be compared anew. If not, everything stays as it
        is.
      </p>
      <div className="button-row">
        <button type="button" className="button" onClick={() => decide(false)}>
          Do not believe it
        </button>
        <button type="button" className="button button-primary" onClick={() => decide(true)}>
          It is theirs
        </button>
      </div>
    </section>
  );
}

/** What can be changed about a contact; at the end, since it is seldom wanted. */
export function ContactSettings({ contact }: { contact: ContactView }): ReactNode {
  const context = useApp();
  const [asked, setAsked] = useState<'block' | 'remove'>();
  const name = inert(calledOf(contact));
  if (contact.blocked || contact.state === 'incoming') return null;
  return (
    <section className="contact-settings" aria-label="Contact">
      <Rename key={contact.alias} contact={contact} />
      <div className="button-row" hidden={asked !== undefined}>
        <button type="button" className="button button-danger" onClick={() => setAsked('block')}>
          Block
        </button>
        <button type="button" className="button button-danger" onClick={() => setAsked('remove')}>
          Remove contact
        </button>
      </div>
      {asked === 'block' && <BlockQuestion keyId={contact.key} name={name} onNo={() => setAsked(undefined)} />}
      {asked === 'remove' && (
        <Question no="Keep" yes="Remove" onNo={() => setAsked(undefined)} onYes={() => void removeContact(context, contact)}>
          <p>
            Remove <bdi>{name}</bdi> from your contacts? They are not told. What you wrote to each other stays.
          </p>
        </Question>
      )}
    </section>
  );
}

function Rename({ contact }: { contact: ContactView }): ReactNode {
  const context = useApp();
  const [alias, setAlias] = useState(contact.alias ?? '');
  const [error, setError] = useState<string>();
  const typed = alias.trim();
  const fault = nameError(alias);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    renameContact(context, contact, typed).catch((thrown: unknown) => setError(explain(thrown)));
  };
  return (
    <form onSubmit={submit} className="inline-form">
      <Field
        label="What you call them"
        maxLength={NAME_UNITS}
        autoComplete="off"
        placeholder={inert(contact.name ?? '')}
        value={alias}
        onChange={(value) => {
          setAlias(value);
          setError(undefined);
        }}
        error={fault ?? error}
      />
      <button type="submit" className="button" disabled={typed === (contact.alias ?? '') || fault !== undefined}>
        Rename
      </button>
    </form>
  );
}
