import type { TabNode } from '@parley/browser';
import type { SettingsView } from '@parley/core';

let settings: SettingsView = { read_marks: true, typing: true, presence: true };

/** Made-up settings, which change as the user wants them. */
export const settingCalls: Pick<TabNode, 'settings' | 'setSettings' | 'typing' | 'here'> = {
  settings: async () => settings,
  typing: async () => {},
  here: async () => {},
  setSettings: async (changes) => {
    settings = { ...settings, ...changes };
    return settings;
  },
};
