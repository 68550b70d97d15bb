import type { HistoryPolicy } from '@parley/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useApp } from '../app/hooks.ts';
import { createChannel, showDialog } from '../state/actions.ts';
import { createClosed } from '../state/closed.ts';
import { wordsOf } from '../state/context.ts';
import { Choice } from '../ui/Choice.tsx';
import { Field } from '../ui/Field.tsx';
import { Sheet } from '../ui/Sheet.tsx';

const KINDS = [
  ['public', 'Public'],
  ['closed', 'Closed'],
] as const;
type Kind = (typeof KINDS)[number][0];

const KIND_HINTS: Readonly<Record<Kind, string>> = {
  public: 'Everybody in the network can find it, join it, and read what is said.',
  closed: 'Only those who are invited can find it and read what is said: it is encrypted for its members.',
};

const POLICIES = [
  ['all', 'Everything'],
  ['last', 'The latest messages'],
  ['none', 'Nothing'],
] as const;
type Policy = (typeof POLICIES)[number][0];

/** Most messages that newcomers may be promised. */
const MAX_LAST = 100_000;

export function CreateDialog(): ReactNode {
  const context = useApp();
  const [name, setName] = useState('');
  const [kind, setKind] = useState<Kind>('public');
  const [policy, setPolicy] = useState<Policy>('all');
  const [last, setLast] = useState('100');
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const count = /^\d{1,6}$/.test(last) ? Number(last) : 0;
  const fault = kind === 'closed' && policy === 'last' && (count < 1 || count > MAX_LAST);
  const close = (): void => showDialog(context, undefined);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const typed = name.trim().replace(/^#/, '');
    const history: HistoryPolicy = policy === 'last' ? count : policy;
    setBusy(true);
    (kind === 'public' ? createChannel(context, typed) : createClosed(context, typed, history))
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
          maxLength={128}
          autoComplete="off"
          value={name}
          onChange={(value) => {
            setName(value);
            setError(undefined);
          }}
          error={error}
        />
        <Choice label="Who can read it" value={kind} options={KINDS} onChange={setKind} hint={KIND_HINTS[kind]} />
        {kind === 'closed' && (
          <Choice
            label="What newcomers can read of the time before them"
            value={policy}
            options={POLICIES}
            onChange={setPolicy}
            hint="An owner can change it later."
          />
        )}
        {kind === 'closed' && policy === 'last' && (
          <Field
            label="How many messages"
            inputMode="numeric"
            autoComplete="off"
            value={last}
            onChange={setLast}
            error={fault ? `A number from 1 to ${MAX_LAST.toLocaleString()}.` : undefined}
          />
        )}
        <div className="button-row">
          <button type="button" className="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" className="button button-primary" disabled={busy || fault || name.trim() === ''}>
            Create
          </button>
        </div>
      </form>
    </Sheet>
  );
}
