import type { ReactNode } from 'react';
import { useApp, useSelect } from '../app/hooks.ts';
import { allowNotifications, setSettings } from '../state/actions.ts';
import type { NotifyLevel, Settings } from '../state/settings.ts';
import { Choice } from '../ui/Choice.tsx';

const LEVELS: readonly (readonly [NotifyLevel, string])[] = [
  ['all', 'Every message'],
  ['mentions', 'My name'],
  ['off', 'Nothing'],
];

export function Notifications(): ReactNode {
  const context = useApp();
  const { notifications, notifyText, notifyDefault } = useSelect((state) => state.settings);
  const toggle = (on: boolean): void => {
    if (on) void allowNotifications(context);
    else setSettings(context, { notifications: false });
  };
  return (
    <section className="setting">
      <h2>Notifications</h2>
      <label className="check">
        <input type="checkbox" checked={notifications} onChange={(event) => toggle(event.target.checked)} />
        <span>Tell me when Parley is not in front</span>
      </label>
      <label className="check">
        <input
          type="checkbox"
          checked={notifyText}
          disabled={!notifications}
          onChange={(event) => setSettings(context, { notifyText: event.target.checked })}
        />
        <span>Say who wrote what, even when the screen is locked</span>
      </label>
      <Choice
        label="Notify me of"
        value={notifyDefault}
        options={LEVELS}
        disabled={!notifications}
        onChange={(level) => setSettings(context, { notifyDefault: level })}
      />
      <p className="quiet">Each channel can have a setting of its own, in its menu.</p>
    </section>
  );
}

const THEMES: readonly (readonly [Settings['theme'], string])[] = [
  ['system', 'Same as the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];

export function Appearance(): ReactNode {
  const context = useApp();
  const { theme, enterSends } = useSelect((state) => state.settings);
  return (
    <section className="setting">
      <h2>Look and feel</h2>
      <Choice label="Theme" value={theme} options={THEMES} onChange={(chosen) => setSettings(context, { theme: chosen })} />
      <label className="check">
        <input type="checkbox" checked={enterSends} onChange={(event) => setSettings(context, { enterSends: event.target.checked })} />
        <span>Enter sends; Shift Enter begins a new line</span>
      </label>
    </section>
  );
}
