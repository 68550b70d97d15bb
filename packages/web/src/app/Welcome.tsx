import { type FormEvent, type ReactNode, useState } from 'react';
import { wordsOf } from '../state/context.ts';
import { BusyButton } from '../ui/BusyButton.tsx';
import { Field } from '../ui/Field.tsx';
import { agreed, NewPassphrase, NOT_TYPED } from '../ui/NewPassphrase.tsx';
import { NAME_UNITS, nameError } from '../ui/name-error.ts';
import { Gate } from './Gates.tsx';
import { useApp } from './hooks.ts';
import { Restore } from './Restore.tsx';

/** The first visit: a name, or a backup. */
export function Welcome(): ReactNode {
  const [restoring, setRestoring] = useState(false);
  return (
    <Gate>
      {restoring ? <Restore /> : <Begin />}
      <button type="button" className="link-button gate-switch" onClick={() => setRestoring(!restoring)}>
        {restoring ? 'Begin with a new name instead' : 'I have a backup'}
      </button>
    </Gate>
  );
}

function Begin(): ReactNode {
  const { parley } = useApp();
  const [name, setName] = useState('');
  const [typed, setTyped] = useState(NOT_TYPED);
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const fault = nameError(name);
  const passphrase = agreed(typed);
  const unprotected = typed.first === '' && typed.again === '';
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setBusy(true);
    parley
      .begin(name.normalize('NFC').trim(), passphrase)
      .catch((thrown: unknown) => setError(wordsOf(thrown)))
      .finally(() => setBusy(false));
  };
  return (
    <form onSubmit={submit}>
      <h1>Who are you here?</h1>
      <p className="quiet">
        Parley is a network that its users run themselves. There is no account: your keys are made in this browser and stay in it.
      </p>
      <Field
        label="Your name"
        autoFocus
        autoComplete="nickname"
        required
        maxLength={NAME_UNITS}
        value={name}
        onChange={(value) => {
          setName(value);
          setError(undefined);
        }}
        error={fault ?? error}
        hint="Others see it. You can change it later."
      />
      <details className="more">
        <summary>Protect your keys with a passphrase (optional)</summary>
        <NewPassphrase
          label="Passphrase"
          hint="You will be asked for it when Parley opens. Nobody can reset it."
          typed={typed}
          onChange={setTyped}
        />
      </details>
      <BusyButton
        type="submit"
        className="button button-primary button-wide"
        busy={busy}
        disabled={name.trim() === '' || fault !== undefined || (passphrase === undefined && !unprotected)}
      >
        {busy ? 'Making your keys…' : 'Begin'}
      </BusyButton>
    </form>
  );
}
