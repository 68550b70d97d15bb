import { parseContactLink } from '@parley/core';
import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import { useApp, useSelect } from '../app/hooks.ts';
import { inert, utf8Bytes } from '../chat/plain.ts';
import { showDialog } from '../state/actions.ts';
import { addContact } from '../state/contacts.ts';
import { attempt, explain } from '../state/context.ts';
import { BusyButton } from '../ui/BusyButton.tsx';
import { CopyButton } from '../ui/CopyButton.tsx';
import { Field } from '../ui/Field.tsx';
import { NAME_UNITS, nameError } from '../ui/name-error.ts';
import { Sheet } from '../ui/Sheet.tsx';
import { Qr } from './Qr.tsx';
import { ScanCode } from './ScanCode.tsx';

/** Bytes of the words that go with a request. */
const MAX_NOTE = 280;

/** Adds somebody by their link, and shows the user's own. */
export function AddContact({ link: given = '' }: { link?: string | undefined }): ReactNode {
  const context = useApp();
  const [link, setLink] = useState(given);
  const [alias, setAlias] = useState('');
  const [note, setNote] = useState('');
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const left = MAX_NOTE - utf8Bytes(note);
  const fault = nameError(alias);
  const named = whom(link);
  const close = (): void => showDialog(context, undefined);
  const enter = (value: string): void => {
    setLink(value);
    setError(undefined);
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!named) {
      setError('That is neither a link to a contact (parley:contact/key_…) nor a key id (key_…).');
      return;
    }
    const [called, words] = [alias.trim(), note.trim()];
    setBusy(true);
    addContact(context, link.trim(), { ...(called !== '' && { alias: called }), ...(words !== '' && { note: words }) })
      .then(close)
      .catch((thrown: unknown) => setError(explain(thrown)))
      .finally(() => setBusy(false));
  };
  return (
    <Sheet title="Add a contact" onClose={close}>
      <form onSubmit={submit}>
        <Field
          label="Their link or key id"
          autoFocus={given === ''}
          required
          autoComplete="off"
          spellCheck={false}
          placeholder="parley:contact/…"
          value={link}
          onChange={enter}
          error={error}
          hint={named?.name === undefined ? 'They find it in this same dialog, and send it to you.' : <LinkName name={named.name} />}
        />
        <ScanCode onText={enter} />
        <Field
          label="What you call them"
          maxLength={NAME_UNITS}
          autoComplete="off"
          value={alias}
          onChange={setAlias}
          error={fault}
          hint="Only you see it. Leave it empty to use their own name."
        />
        <Field
          label="A few words to them"
          autoFocus={given !== ''}
          autoComplete="off"
          value={note}
          onChange={setNote}
          hint="So that they know who asks."
          error={left < 0 ? `That is too long by ${-left} bytes.` : undefined}
        />
        <div className="button-row">
          <button type="button" className="button" onClick={close}>
            Cancel
          </button>
          <BusyButton
            type="submit"
            className="button button-primary"
            busy={busy}
            disabled={link.trim() === '' || left < 0 || fault !== undefined}
          >
            {busy ? 'Asking…' : 'Ask them'}
          </BusyButton>
        </div>
      </form>
      <OwnLink />
    </Sheet>
  );
}

function LinkName({ name }: { name: string }): ReactNode {
  return (
    <>
      The link calls them <bdi>{inert(name)}</bdi>. Anybody can write that: compare safety numbers later.
    </>
  );
}

function whom(link: string): ReturnType<typeof parseContactLink> | undefined {
  try {
    return parseContactLink(link);
  } catch {
    // Half of a link, or something else.
    return undefined;
  }
}

/** How others add this user. */
export function OwnLink(): ReactNode {
  const context = useApp();
  // A new name makes another link.
  const name = useSelect(({ status }) => status?.name);
  const [link, setLink] = useState<string>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the link holds the name
  useEffect(() => {
    let current = true;
    void attempt(context, async () => {
      const found = await context.parley.node.contactLink();
      if (current) setLink(found);
    });
    return () => {
      current = false;
    };
  }, [context, name]);
  if (link === undefined) return null;
  const web = `${location.origin}/#/${link.slice('parley:'.length)}`;
  return (
    <section className="own-link" aria-labelledby="own-link-heading">
      <h3 id="own-link-heading">Your own link</h3>
      <div className="own-link-body">
        <Qr text={link} label="Your own link as a QR code" />
        <div>
          <p className="fact-line">
            <code>{link}</code>
            <CopyButton text={link} label="Copy your link" />
          </p>
          <p className="fact-line">
            <code>{web}</code>
            <CopyButton text={web} label="Copy the web address" />
          </p>
          <p className="quiet">Send either to those who should be able to add you. It holds your key and your name, no secret.</p>
        </div>
      </div>
    </section>
  );
}
