import type { SettingsChanges, SettingsView } from '@parley/core';
import { type ReactNode, useEffect, useState } from 'react';
import { useApp } from '../app/hooks.ts';
import { attempt } from '../state/context.ts';
import { Circuits } from './Circuits.tsx';

type Switch = Exclude<keyof SettingsView, 'circuits'>;

const WORDS: Readonly<Record<Switch, string>> = {
  read_marks: 'Read marks: whoever wrote to you sees that you have read it',
  typing: 'Typing: the others see that you are writing, before you send it',
  presence: 'Presence: your contacts see whether you are there, and when you last were',
  direct: 'Direct links: those to whom you write, and contacts who ask, may see the network address of this device',
};

/** What the user tells others of what they do, and sees of them in return. */
export function Privacy(): ReactNode {
  const context = useApp();
  const [settings, setSettings] = useState<SettingsView>();
  useEffect(() => {
    void attempt(context, async () => setSettings(await context.parley.node.settings()));
  }, [context]);
  const choose = (changes: SettingsChanges): void => {
    void attempt(context, async () => setSettings(await context.parley.node.setSettings(changes)));
  };
  return (
    <section className="setting">
      <h2>What others see of you</h2>
      {(Object.keys(WORDS) as Switch[]).map((name) => (
        <label key={name} className="check">
          <input
            type="checkbox"
            disabled={!settings}
            checked={settings?.[name] ?? false}
            onChange={(event) => choose({ [name]: event.target.checked })}
          />
          <span>{WORDS[name]}</span>
        </label>
      ))}
      <p className="quiet">
        The first two apply only in conversations of two and in small closed channels. What you turn off of the first three you do not see
        of others either. Nodes that pass your messages on can guess some of it from what goes by, and see whether your node is in the
        network.
      </p>
      <Circuits hops={settings?.circuits ?? 0} disabled={!settings} onChange={(circuits) => choose({ circuits })} />
    </section>
  );
}
