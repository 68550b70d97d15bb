import type { ErrorCode } from '@parley/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { inert } from '../chat/plain.ts';
import { wordsOf } from '../state/context.ts';
import { BusyButton } from '../ui/BusyButton.tsx';
import { Field } from '../ui/Field.tsx';
import { Logo } from '../ui/Logo.tsx';
import { part } from '../ui/part.tsx';
import { useApp } from './hooks.ts';

export function Gate({ children, busy = false }: { children: ReactNode; busy?: boolean }): ReactNode {
  return (
    <main className="gate" aria-busy={busy}>
      <div className="gate-card">
        <div className="gate-brand">
          <Logo size={44} />
          <span>Parley</span>
        </div>
        {children}
      </div>
    </main>
  );
}

export function Starting(): ReactNode {
  return (
    <Gate busy>
      <h1 className="sr-only">Parley</h1>
      <p className="quiet gate-wait" role="status">
        Opening what is kept in this browser…
      </p>
    </Gate>
  );
}

const Forgotten = part(() => import('./Forgotten.tsx'));

interface LockedProps {
  readonly name: string;
  readonly keyId: string;
}

/** The identity rests under a passphrase. */
export function Locked({ name, keyId }: LockedProps): ReactNode {
  const [forgotten, setForgotten] = useState(false);
  return (
    <Gate>
      {forgotten ? (
        <Forgotten name={name} onBack={() => setForgotten(false)} />
      ) : (
        <Unlock name={name} keyId={keyId} onForgotten={() => setForgotten(true)} />
      )}
    </Gate>
  );
}

function Unlock({ name, keyId, onForgotten }: LockedProps & { onForgotten: () => void }): ReactNode {
  const { parley } = useApp();
  const [passphrase, setPassphrase] = useState('');
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    parley
      .unlock(passphrase)
      .catch((thrown: unknown) => {
        setError(wordsOf(thrown));
        // What was typed since is another attempt.
        setPassphrase((typed) => (typed === passphrase ? '' : typed));
      })
      .finally(() => setBusy(false));
  };
  return (
    <>
      <h1>
        Welcome back, <bdi>{inert(name)}</bdi>
      </h1>
      <form onSubmit={submit}>
        <Field
          label="Passphrase"
          type="password"
          autoComplete="current-password"
          autoFocus
          required
          value={passphrase}
          onChange={setPassphrase}
          error={error}
        />
        <BusyButton type="submit" className="button button-primary button-wide" busy={busy} disabled={passphrase === ''}>
          {busy ? 'Unlocking…' : 'Unlock'}
        </BusyButton>
      </form>
      <p className="quiet gate-foot">
        Nobody can reset a passphrase. Without it, only a backup brings back <code className="key-short">{keyId.slice(0, 16)}…</code>
      </p>
      <button type="button" className="link-button" onClick={onForgotten}>
        I have forgotten it
      </button>
    </>
  );
}

const ADVICE: Partial<Record<ErrorCode, string>> = {
  storage: 'Allow this site to keep data, or leave the private window, and load the page again.',
  'storage-full': 'Free some room on this device, and load the page again.',
  corrupt: 'If you have a backup, clear the data of this site in the browser, load the page again, and restore it.',
  unsupported: 'Use a current Firefox, Chromium, Edge or Safari, over https or on this machine itself.',
  'in-use': 'Close the other windows of Parley in this browser, and load the page again.',
};

/** There is no way on until something is done about it. */
export function Failed({ message, code }: { message: string; code?: ErrorCode }): ReactNode {
  const advice = code === undefined ? undefined : ADVICE[code];
  return (
    <Gate>
      <h1>Parley cannot start here</h1>
      <p role="alert">{message}</p>
      {advice !== undefined && <p className="quiet">{advice}</p>}
      <button type="button" className="button button-primary button-wide" onClick={() => location.reload()}>
        Load the page again
      </button>
    </Gate>
  );
}
