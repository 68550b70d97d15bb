import { errorCode } from '@parley/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { wordsOf } from '../state/context.ts';
import { restoreBackup } from '../state/home.ts';
import { BusyButton } from '../ui/BusyButton.tsx';
import { Field } from '../ui/Field.tsx';
import { useFocusHere } from '../ui/focus.ts';
import { ProgressLine, useProgress } from '../ui/Progress.tsx';
import { useApp } from './hooks.ts';

/** A backup, and the passphrase of its file. `replaces`: somebody is at home here, who is erased for it. */
export function Restore({ replaces = false }: { replaces?: boolean }): ReactNode {
  const context = useApp();
  const progress = useProgress('restore');
  const here = useFocusHere<HTMLHeadingElement>();
  const [file, setFile] = useState<File>();
  const [passphrase, setPassphrase] = useState('');
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const restore = async (): Promise<void> => {
    if (!file) return;
    setBusy(true);
    setError(undefined);
    try {
      await restoreBackup(context, file, passphrase, replaces);
    } catch (thrown) {
      const unharmed = replaces && errorCode(thrown) === 'bad-passphrase';
      setError(`${wordsOf(thrown)}${unharmed ? ' What is here stays as it is.' : ''}`);
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void restore();
  };
  return (
    <form onSubmit={submit}>
      <h1 ref={here} tabIndex={-1}>
        Bring back what is yours
      </h1>
      <p className="quiet">
        It moves here. Do not go on using it where it was before: of two at the same time, each takes messages from the other.
      </p>
      {replaces && (
        <p className="gate-words">
          What is in this browser is erased for it, as soon as the whole backup has been read and nothing is wrong with it. Messages that
          are newer than the backup come back only where others still have them. Set a passphrase anew in the settings then.
        </p>
      )}
      <div className="field">
        <label htmlFor="backup-file">Backup file</label>
        <input
          id="backup-file"
          type="file"
          accept=".parley,.json,application/json,application/octet-stream,text/plain"
          onChange={(event) => setFile(event.target.files?.[0])}
        />
      </div>
      <Field
        label="Passphrase of the backup"
        type="password"
        autoComplete="off"
        required
        value={passphrase}
        onChange={setPassphrase}
        error={error}
      />
      <BusyButton type="submit" className="button button-primary button-wide" busy={busy} disabled={!file || passphrase === ''}>
        {busy ? 'Restoring…' : replaces ? 'Erase what is here, and restore' : 'Restore'}
      </BusyButton>
      {busy && <ProgressLine label="Restoring" progress={progress} />}
    </form>
  );
}
