import type { TabNode } from '@parley/browser';
import type { SettingsView } from '@parley/core';

let settings: SettingsView = { read_marks: true, typing: true, presence: true, circuits: 3 };

/** Made-up settings, which change as the user wants them. */
export const settingCalls: Pick<TabNode, 'settings' | 'setSettings' | 'circuits' | 'typing' | 'here'> = {
  settings: async () => settings,
  circuits: async () => ({ wanted: settings.circuits, standing: [], trouble: 'fewer than 3 servers are known that could be hops' }),
  typing: async () => {},
  here: async () => {},
  setSettings: async (changes) => {
    settings = { ...settings, ...changes };
    return settings;
  },
};
