import type { JsonObject } from '@parley/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useApp } from '../app/hooks.ts';
import { BusyButton } from '../ui/BusyButton.tsx';
import { Field } from '../ui/Field.tsx';
import { agreed, NewPassphrase, NOT_TYPED } from '../ui/NewPassphrase.tsx';
import { ProgressLine, useProgress } from '../ui/Progress.tsx';
import { fileName, saveAs } from '../ui/save-as.ts';
import { TaskDone } from './Profile.tsx';
import { useTask } from './useTask.ts';

export function Passphrase({ encrypted }: { encrypted: boolean }): ReactNode {
  const { parley, store } = useApp();
  const [old, setOld] = useState('');
  const [typed, setTyped] = useState(NOT_TYPED);
  const next = agreed(typed);
  const task = useTask();
  const change = (to: string | undefined): void =>
    task.run(
      async () => {
        await parley.node.setPassphrase(to, encrypted ? old : undefined);
        setOld('');
        setTyped(NOT_TYPED);
        const fresh = await parley.node.status();
        store.update((state) => ({ ...state, status: fresh }));
      },
      to === undefined ? 'Your keys are no longer protected by a passphrase.' : 'Your keys are now protected by this passphrase.',
    );
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (next !== undefined) change(next);
  };
  return (
    <section className="setting">
      <h2>Passphrase</h2>
      <p className="quiet">
        {encrypted
          ? 'Your keys are protected by a passphrase in this browser. You are asked for it when Parley opens.'
          : 'Whoever can use this browser can be you. With a passphrase, your keys are kept encrypted.'}
      </p>
      <form onSubmit={submit} className="stack-form">
        {encrypted && (
          <Field
            label="Current passphrase"
            type="password"
            autoComplete="current-password"
            value={old}
            onChange={setOld}
            error={task.error}
          />
        )}
        <NewPassphrase
          label={encrypted ? 'New passphrase' : 'Passphrase'}
          hint="A few words are best. Nobody can reset it."
          typed={typed}
          onChange={setTyped}
          error={encrypted ? undefined : task.error}
        />
        <div className="button-row">
          <BusyButton type="submit" className="button" busy={task.busy} disabled={next === undefined || (encrypted && old === '')}>
            {encrypted ? 'Change it' : 'Set it'}
          </BusyButton>
          {encrypted && (
            <BusyButton type="button" className="button" busy={task.busy} disabled={old === ''} onClick={() => change(undefined)}>
              Remove it
            </BusyButton>
          )}
        </div>
      </form>
      <TaskDone text={task.done} />
    </section>
  );
}

export function Backup({ name }: { name: string }): ReactNode {
  const { parley, store } = useApp();
  const [typed, setTyped] = useState(NOT_TYPED);
  const passphrase = agreed(typed);
  const task = useTask();
  const progress = useProgress('backup');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (passphrase === undefined) return;
    task.run(async () => {
      const settings = JSON.parse(JSON.stringify(store.get().settings)) as JsonObject;
      saveAs(await parley.node.backup(passphrase, settings), `parley-${fileName(name)}.parley`);
      setTyped(NOT_TYPED);
    }, 'Keep the file somewhere safe, and remember its passphrase: one is of no use without the other.');
  };
  return (
    <section className="setting">
      <h2>Backup</h2>
      <p className="quiet">
        One encrypted file with your identity, contacts, channels, their keys, and all messages with what is attached inside them. To use
        it, open Parley in another browser and choose “I have a backup”, or run <code>parley restore</code>; to restore it in this one,
        erase what is here first. Large files, which are fetched separately, are not part of it.
      </p>
      <form onSubmit={submit} className="stack-form">
        <NewPassphrase
          label="Passphrase for the file"
          hint="It need not be that of this browser."
          typed={typed}
          onChange={setTyped}
          error={task.error}
        />
        <div className="button-row">
          <BusyButton type="submit" className="button" busy={task.busy} disabled={passphrase === undefined}>
            {task.busy ? 'Encrypting…' : 'Download a backup'}
          </BusyButton>
        </div>
        {task.busy && <ProgressLine label="Backup" progress={progress} />}
      </form>
      <TaskDone text={task.done} />
    </section>
  );
}
