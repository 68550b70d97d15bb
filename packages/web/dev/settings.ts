import type { TabNode } from '@parley/browser';
import type { SettingsView } from '@parley/core';

let settings: SettingsView = { read_marks: true, typing: true, presence: true, direct: true, circuits: 3 };

const server = (name: string) => ({ node_id: name, display: `${name}#c0de`, name, present: true });
const HOPS = [server('hub'), server('a-server-with-a-rather-long-name'), server('third')];
const STANDING = [
  { to: { node_id: 'anna', display: 'Anna#2b71', name: 'Anna', present: true }, hops: HOPS, age_s: 12 },
  { hops: [...HOPS].reverse(), age_s: 300 },
];
const TROUBLE = { standing: [], trouble: 'fewer than 2 servers are known that could be hops' };

/** Made-up settings, which change as the user wants them. */
export const settingCalls: Pick<TabNode, 'settings' | 'setSettings' | 'circuits' | 'typing' | 'here'> = {
  settings: async () => settings,
  circuits: async () => ({ wanted: settings.circuits, ...(settings.circuits < 3 ? TROUBLE : { standing: STANDING }) }),
  typing: async () => {},
  here: async () => {},
  setSettings: async (changes) => {
    settings = { ...settings, ...changes };
    return settings;
  },
};
