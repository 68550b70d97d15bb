import type { DeviceCodeView, DevicesView, PairingView } from '@parley/core';
import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import { useApp } from '../app/hooks.ts';
import { inert } from '../chat/plain.ts';
import { Qr } from '../people/Qr.tsx';
import { ScanCode } from '../people/ScanCode.tsx';
import { BusyButton } from '../ui/BusyButton.tsx';
import { CopyButton } from '../ui/CopyButton.tsx';
import { Field } from '../ui/Field.tsx';
import { Question } from '../ui/Question.tsx';
import { TaskDone } from './Profile.tsx';
import { useTask } from './useTask.ts';

/** Several devices of one person: which there are, one more, and one that was lost. */
export function Devices(): ReactNode {
  const { parley } = useApp();
  const [view, setView] = useState<DevicesView>();
  const task = useTask();
  useEffect(() => {
    let current = true;
    const off = parley.node.subscribe((event) => {
      if (event.event === 'devices') setView(event.devices);
    });
    parley.node
      .devices()
      .then((found) => {
        if (current) setView(found);
      })
      // The page says by itself that the node is not there.
      .catch(() => {});
    return () => {
      current = false;
      off();
    };
  }, [parley]);
  if (!view) return null;
  const several = view.devices.length > 1;
  const first = view.state !== 'linked' && view.state !== 'revoked';
  return (
    <section className="setting">
      <h2>Devices</h2>
      {view.state === 'revoked' && (
        <p role="alert">This device was revoked. It stands for nobody but itself; erase it below to begin anew.</p>
      )}
      {several && (
        <ul className="servers">
          {view.devices.map((device) => (
            <Device
              key={device.key}
              device={device}
              busy={task.busy}
              onRevoke={
                first && !device.first
                  ? () =>
                      task.run(async () => setView(await parley.node.revokeDevice(device.key)), `${inert(device.name)} is no longer yours.`)
                  : undefined
              }
            />
          ))}
        </ul>
      )}
      <p className="quiet">
        Each of your devices receives and sends everything in your name. If one is lost, revoke it on the first, for good: your contacts and
        closed channels refuse it from then on, and where anybody may speak it stands under its own name.
      </p>
      <TaskDone text={task.done} />
      {task.error !== undefined && (
        <p className="field-error" role="alert">
          {task.error}
        </p>
      )}
      {first && <LinkAnother onLinked={setView} />}
      {first && !several && <LinkThis asked={view.asked_by} />}
    </section>
  );
}

interface DeviceProps {
  readonly device: DevicesView['devices'][number];
  readonly busy: boolean;
  /** Undefined where that cannot be done. */
  readonly onRevoke: (() => void) | undefined;
}

function Device({ device, busy, onRevoke }: DeviceProps): ReactNode {
  const [asked, setAsked] = useState(false);
  const name = inert(device.name);
  return (
    <li className="server">
      <span className="server-text">
        <bdi>{name}</bdi>
        <span className="quiet">
          {device.this ? 'this device' : device.present ? 'in reach' : 'not in reach'}
          {device.first && ', the first: its key is yours'}
        </span>
      </span>
      {onRevoke && (
        <button type="button" className="button" aria-label={`Revoke ${name}`} hidden={asked} onClick={() => setAsked(true)}>
          Revoke
        </button>
      )}
      {onRevoke && asked && (
        <Question no="Keep it" yes="Revoke" busy={busy} onNo={() => setAsked(false)} onYes={onRevoke}>
          <p>
            Revoke <bdi>{name}</bdi>? It is yours no more, for good, and your contacts and closed channels refuse it.
          </p>
        </Question>
      )}
    </li>
  );
}

/** On the first device: one more. */
function LinkAnother({ onLinked }: { onLinked: (view: DevicesView) => void }): ReactNode {
  const { parley } = useApp();
  const [link, setLink] = useState('');
  const [found, setFound] = useState<PairingView>();
  const task = useTask();
  const ask = (event: FormEvent): void => {
    event.preventDefault();
    task.run(async () => setFound(await parley.node.askDevice(link.trim())), '');
  };
  const confirm = (key: string): void =>
    task.run(async () => {
      onLinked(await parley.node.confirmDevice(key));
      setFound(undefined);
      setLink('');
    }, 'It is linked. Contacts, channels and messages come by themselves.');
  return (
    <>
      <form onSubmit={ask} className="inline-form">
        <Field
          label="Link another device"
          placeholder="parley:device/…"
          autoComplete="off"
          spellCheck={false}
          value={link}
          onChange={setLink}
          hint="The code that the new device shows. Never use one that somebody else gave you."
          error={task.error}
        />
        <BusyButton type="submit" className="button" busy={task.busy} disabled={link.trim() === ''}>
          {task.busy ? 'Asking…' : 'Ask it'}
        </BusyButton>
      </form>
      <ScanCode onText={setLink} />
      {found && (
        <section className="safety">
          <h3>
            Is this <bdi>{inert(found.name)}</bdi>?
          </h3>
          <Digits number={found.number} />
          <p className="quiet">The new device shows the same number. If a single digit differs, it is somebody else's: do not link it.</p>
          <div className="button-row">
            <button type="button" className="button" onClick={() => setFound(undefined)}>
              Cancel
            </button>
            <BusyButton type="button" className="button button-primary" busy={task.busy} onClick={() => confirm(found.key)}>
              They match: link it
            </BusyButton>
          </div>
        </section>
      )}
      <TaskDone text={task.done} />
    </>
  );
}

/** On a new device: the code by which the first links it. */
function LinkThis({ asked }: { asked: PairingView | undefined }): ReactNode {
  const { parley } = useApp();
  const [code, setCode] = useState<DeviceCodeView>();
  const task = useTask();
  return (
    <>
      <div className="button-row">
        <BusyButton
          type="button"
          className="button"
          busy={task.busy}
          onClick={() => task.run(async () => setCode(await parley.node.deviceCode()), '')}
        >
          Make this one of my devices
        </BusyButton>
      </div>
      {task.error !== undefined && (
        <p className="field-error" role="alert">
          {task.error}
        </p>
      )}
      {code && !asked && (
        <div className="own-link-body">
          <Qr text={code.link} label="The code of this device as a QR code" />
          <div>
            <p className="fact-line">
              <code>{code.link}</code>
              <CopyButton text={code.link} label="Copy the code" />
            </p>
            <p className="quiet">Give it to your first device, under Settings, Devices, and to nobody else. It is good for ten minutes.</p>
          </div>
        </div>
      )}
      {asked && (
        <section className="safety">
          <h3>
            <bdi>{inert(asked.name)}</bdi> wants to link this device
          </h3>
          <Digits number={asked.number} />
          <p className="quiet">Your first device shows the same number, and asks you to confirm it there.</p>
        </section>
      )}
    </>
  );
}

function Digits({ number }: { number: string }): ReactNode {
  return (
    <p className="safety-digits">
      {(number.replace(/\D/g, '').match(/\d{1,5}/g) ?? []).map((group, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the groups of a number never change
        <span key={index}>{group}</span>
      ))}
    </p>
  );
}
