import { type FormEvent, type ReactNode, useState } from 'react';
import { useApp } from '../app/hooks.ts';
import { createChannel, showDialog } from '../state/actions.ts';
import { createClosed } from '../state/closed.ts';
import { wordsOf } from '../state/context.ts';
import { BusyButton } from '../ui/BusyButton.tsx';
import { Choice } from '../ui/Choice.tsx';
import { Field } from '../ui/Field.tsx';
import { NAME_UNITS, nameError } from '../ui/name-error.ts';
import { Sheet } from '../ui/Sheet.tsx';
import { EVERYTHING, type HistoryChoice, HistoryFields, policyOf } from './HistoryFields.tsx';

const KINDS = [
  ['public', 'Public'],
  ['closed', 'Closed'],
] as const;
type Kind = (typeof KINDS)[number][0];

const KIND_HINTS: Readonly<Record<Kind, string>> = {
  public: 'Everybody in the network can find it, join it, and read what is said.',
  closed: 'Only those who are invited can find it and read what is said: it is encrypted for its members.',
};

export function CreateDialog(): ReactNode {
  const context = useApp();
  const [name, setName] = useState('');
  const [kind, setKind] = useState<Kind>('public');
  const [history, setHistory] = useState<HistoryChoice>(EVERYTHING);
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const policy = policyOf(history);
  const typed = name.normalize('NFC').trim().replace(/^#/, '');
  const fault = nameError(typed);
  const close = (): void => showDialog(context, undefined);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const made = kind === 'public' ? createChannel(context, typed) : policy !== undefined && createClosed(context, typed, policy);
    if (!made) return;
    setBusy(true);
    made
      .then(close)
      .catch((thrown: unknown) => setError(wordsOf(thrown)))
      .finally(() => setBusy(false));
  };
  return (
    <Sheet title="Create a channel" onClose={close}>
      <form onSubmit={submit}>
        <Field
          label="Name"
          autoFocus
          required
          maxLength={NAME_UNITS}
          autoComplete="off"
          value={name}
          onChange={(value) => {
            setName(value);
            setError(undefined);
          }}
          error={fault ?? error}
        />
        <Choice label="Who can read it" value={kind} options={KINDS} onChange={setKind} hint={KIND_HINTS[kind]} />
        {kind === 'closed' && <HistoryFields value={history} onChange={setHistory} hint="An owner can change it later." />}
        <div className="button-row">
          <button type="button" className="button" onClick={close}>
            Cancel
          </button>
          <BusyButton
            type="submit"
            className="button button-primary"
            busy={busy}
            disabled={(kind === 'closed' && policy === undefined) || typed === '' || fault !== undefined}
          >
            Create
          </BusyButton>
        </div>
      </form>
    </Sheet>
  );
}
