import type { ContactView, RotationView } from '@parley/core';
import { type FormEvent, type ReactNode, useCallback, useEffect, useMemo, useState } from 'react';
import { useApp, useSelect } from '../app/hooks.ts';
import { inert } from '../chat/plain.ts';
import { Avatar } from '../people/Avatar.tsx';
import { Name } from '../people/Name.tsx';
import { calledOf, contactPerson, knownContacts } from '../state/contacts.ts';
import { explain } from '../state/context.ts';
import { BusyButton } from '../ui/BusyButton.tsx';
import { Field } from '../ui/Field.tsx';
import { Question } from '../ui/Question.tsx';
import { Sheet } from '../ui/Sheet.tsx';
import { fullTime } from '../ui/time.ts';
import { TaskDone } from './Profile.tsx';
import { useTask } from './useTask.ts';

const NOBODY: readonly ContactView[] = [];

/** How far a new key is; undefined before it is known, and `null` where there is none. */
function useRotation(): readonly [RotationView | null | undefined, () => void] {
  const { parley } = useApp();
  const [rotation, setRotation] = useState<RotationView | null>();
  const [asked, setAsked] = useState(0);
  const renew = useCallback(() => setAsked((count) => count + 1), []);
  useEffect(
    () =>
      parley.node.subscribe(({ event }) => {
        if (event === 'rotation' || event === 'reset') renew();
      }),
    [parley, renew],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked anew whenever something was said of it
  useEffect(() => {
    let current = true;
    parley.node
      .rotation()
      .then((found) => {
        if (current) setRotation(found ?? null);
      })
      // The page says by itself that the node is not there.
      .catch(() => {});
    return () => {
      current = false;
    };
  }, [parley, asked]);
  return [rotation, renew];
}

/** Another key for the user: for one that may have been copied, or to part from somebody. */
export function RotateKey({ encrypted }: { encrypted: boolean }): ReactNode {
  const [rotation, renew] = useRotation();
  const [open, setOpen] = useState(false);
  const [done, setDone] = useState<string>();
  if (rotation === undefined) return null;
  const under = rotation !== null && rotation.phase !== 'following';
  const untold = rotation?.contacts.filter(({ told }) => !told).length ?? 0;
  return (
    <section className="setting">
      <h2>A new key</h2>
      <p className="quiet">
        {under
          ? 'A new key is made. Until it takes over, you are known by the old one.'
          : 'If somebody may have copied your key, or you want to part from somebody, take a new one: you choose who learns that it is yours.'}
      </p>
      {rotation?.phase === 'following' && untold > 0 && (
        <p role="status">
          You have had a new key since {fullTime(rotation.since)}.{' '}
          {untold === 1 ? 'One of those who are to know is' : `${untold} of those who are to know are`} still to be told: that goes on by
          itself.
        </p>
      )}
      <TaskDone text={done} />
      <div className="button-row">
        <button type="button" className="button" onClick={() => setOpen(true)}>
          {under ? 'Go on with the new key…' : 'Replace my key…'}
        </button>
      </div>
      {open && (
        <Sheet title={under ? 'Your new key' : 'Replace your key?'} onClose={() => setOpen(false)}>
          {rotation && under ? (
            <Told
              rotation={rotation}
              onEnd={(words) => {
                setDone(words);
                setOpen(false);
                renew();
              }}
            />
          ) : (
            <Choose encrypted={encrypted} onClose={() => setOpen(false)} onMade={renew} />
          )}
        </Sheet>
      )}
    </section>
  );
}

/** What it means, and who is told. */
function Choose({ encrypted, onClose, onMade }: { encrypted: boolean; onClose: () => void; onMade: () => void }): ReactNode {
  const { parley } = useApp();
  const known = useSelect((state) => state.contacts ?? NOBODY);
  const contacts = useMemo(() => knownContacts(known).filter(({ state }) => state === 'accepted'), [known]);
  const [changed, setChanged] = useState<Readonly<Record<string, boolean>>>({});
  const [passphrase, setPassphrase] = useState('');
  const task = useTask(explain);
  const picked = contacts.filter(({ key, verified }) => changed[key] ?? verified);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const keys = picked.map(({ key }) => key);
    task.run(async () => {
      await parley.node.beginRotation(keys, encrypted ? passphrase : undefined);
      onMade();
    }, '');
  };
  return (
    <form onSubmit={submit}>
      <p className="rotate-words">
        Your old key signs the new one, and the contacts that you choose are told. Each of them decides whether they believe it, and should
        compare the safety number with you anew. Your conversations with them, your channels and all messages stay, and your other devices
        come along.
      </p>
      <p className="rotate-words">
        <strong>Everybody else will see a stranger,</strong> and is no longer your contact. What was said under the old key cannot be edited
        or deleted later, and public channels that you made stay bound to it. A backup made before is a backup of the old key.
      </p>
      {contacts.length === 0 ? (
        <p className="quiet">You have no contacts who could be told.</p>
      ) : (
        <fieldset className="rotate-contacts">
          <legend>Who is told</legend>
          {contacts.map((contact) => (
            <label key={contact.key} className="check">
              <input
                type="checkbox"
                aria-label={inert(calledOf(contact))}
                checked={changed[contact.key] ?? contact.verified}
                onChange={(event) => setChanged({ ...changed, [contact.key]: event.target.checked })}
              />
              <Avatar person={contact} size={28} />
              <span className="server-text">
                <Name person={contactPerson(contact)} />
                <span className="quiet">{contact.verified ? 'verified' : 'not verified'}</span>
              </span>
            </label>
          ))}
        </fieldset>
      )}
      {encrypted && (
        <Field
          label="Your passphrase"
          type="password"
          autoComplete="current-password"
          value={passphrase}
          onChange={setPassphrase}
          hint="It protects the new key too."
        />
      )}
      <Fault text={task.error} />
      <div className="button-row">
        <button type="button" className="button" onClick={onClose}>
          Keep my key
        </button>
        <BusyButton type="submit" className="button button-primary" busy={task.busy} disabled={encrypted && passphrase === ''}>
          {task.busy ? 'Making it…' : picked.length === 0 ? 'Make a new key, tell nobody' : `Make it, and tell ${picked.length}`}
        </BusyButton>
      </div>
    </form>
  );
}

/** Who knows by now, and the step from the old key to the new one. */
function Told({ rotation, onEnd }: { rotation: RotationView; onEnd: (words: string) => void }): ReactNode {
  const context = useApp();
  const { parley, store } = context;
  const task = useTask(explain);
  const { contacts, to, phase } = rotation;
  const [forgetting, setForgetting] = useState(false);
  const untold = contacts.filter(({ told }) => !told).length;
  const told = contacts.length - untold;
  const finish = (): void =>
    task.run(async () => {
      await parley.node.finishRotation(to, untold > 0);
      const status = await parley.node.status();
      store.update((state) => ({ ...state, status }));
      onEnd('You are known by your new key now.');
    }, '');
  const cancel = (): void =>
    task.run(async () => {
      await parley.node.cancelRotation();
      onEnd(`The new key is forgotten.${told > 0 ? ' Whoever was told of it was told; do not confirm it to them.' : ''}`);
    }, '');
  return (
    <>
      <p>
        This is to be your key: <code className="rotate-key">{to}</code>
      </p>
      {contacts.length > 0 && (
        <ul className="servers" aria-label="Who is told">
          {contacts.map(({ key, display, told, device }) => (
            <li key={key} className="server">
              <span className="server-text">
                <bdi>{device ? `${inert(display)}, your device` : inert(display)}</bdi>
                <span className="quiet">{told ? 'told: it is kept for them until they come' : 'not told yet'}</span>
              </span>
            </li>
          ))}
        </ul>
      )}
      <p className="quiet">
        {untold > 0
          ? 'You may close this and come back later. If you go on now, those who are not told yet are told afterwards, for at most eight days.'
          : 'From this step on the old key is no longer used, and there is no way back.'}
      </p>
      <Fault text={task.error} />
      <div className="button-row" hidden={forgetting}>
        <button type="button" className="button" disabled={phase !== 'telling' || task.busy} onClick={() => setForgetting(true)}>
          Forget the new key
        </button>
        <BusyButton type="button" className="button button-danger" busy={task.busy} onClick={finish}>
          {task.busy ? 'Changing…' : untold > 0 ? 'Use it now anyway' : 'Use it from now on'}
        </BusyButton>
      </div>
      {forgetting && (
        <Question no="Keep the new key" yes="Forget it" busy={task.busy} onNo={() => setForgetting(false)} onYes={cancel}>
          <p>
            Forget the new key? It is erased, and you stay known by the old one; you can make another at any time.
            {told > 0 &&
              ` ${told === 1 ? 'One of those who are to know was' : `${told} of those who are to know were`} told, and that cannot be taken back: they are asked whether they believe it, and who does writes to a key that nobody has. Do not confirm it to them.`}
          </p>
        </Question>
      )}
    </>
  );
}

function Fault({ text }: { text: string | undefined }): ReactNode {
  return text === undefined ? null : (
    <p className="field-error" role="alert">
      {text}
    </p>
  );
}
