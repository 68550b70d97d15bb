import type { TabStatus } from '@parley/browser';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useApp } from '../app/hooks.ts';
import { Avatar } from '../people/Avatar.tsx';
import { useSelf } from '../people/Name.tsx';
import { Qr } from '../people/Qr.tsx';
import { BusyButton } from '../ui/BusyButton.tsx';
import { CopyButton } from '../ui/CopyButton.tsx';
import { Field } from '../ui/Field.tsx';
import { NAME_UNITS, nameError } from '../ui/name-error.ts';
import { useTask } from './useTask.ts';

export function Profile({ status }: { status: TabStatus }): ReactNode {
  const { parley, store } = useApp();
  const [name, setName] = useState(status.name);
  const task = useTask();
  const self = useSelf();
  const typed = name.normalize('NFC').trim();
  const fault = nameError(name);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    task.run(async () => {
      await parley.node.rename(typed);
      const fresh = await parley.node.status();
      store.update((state) => ({ ...state, status: fresh }));
    }, 'Others see the new name from now on.');
  };
  return (
    <section className="setting">
      <h2>Profile</h2>
      <div className="profile">
        <Avatar person={self} size={64} />
        <form onSubmit={submit} className="inline-form">
          <Field
            label="Your name"
            value={name}
            onChange={setName}
            maxLength={NAME_UNITS}
            autoComplete="nickname"
            error={fault ?? task.error}
          />
          <BusyButton
            type="submit"
            className="button"
            busy={task.busy}
            disabled={typed === status.name || typed === '' || fault !== undefined}
          >
            Rename
          </BusyButton>
        </form>
      </div>
      <TaskDone text={task.done} />
      <div className="key-card">
        <Qr text={status.key} label="Your key id as a QR code" />
        <div>
          <h3>Your key id</h3>
          <p className="fact-line">
            <code>{status.key}</code>
            <CopyButton text={status.key} label="Copy your key id" />
          </p>
          <p className="quiet">It is you: names may be the same, keys never are. Node id: {status.node_id}</p>
        </div>
      </div>
    </section>
  );
}

export function TaskDone({ text }: { text: string | undefined }): ReactNode {
  return (
    <p className="done" role="status">
      {text}
    </p>
  );
}
