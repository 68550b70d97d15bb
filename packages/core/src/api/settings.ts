import type { Settings } from '../features/settings/index.ts';
import type { Node } from '../node.ts';
import type { SettingsChanges, SettingsView } from './types-settings.ts';

/** What the local API offers about settings. */
export interface SettingsService {
  get(): SettingsView;
  /** On disk when it resolves. Errors: those of the store. */
  set(changes: SettingsChanges): Promise<SettingsView>;
}

export function settingsView({ readMarks, typing, presence }: Settings): SettingsView {
  return { read_marks: readMarks, typing, presence };
}

export function settingsService({ settings }: Node): SettingsService {
  return {
    get: () => settingsView(settings.get()),
    set: async ({ read_marks: readMarks, ...others }) => settingsView(await settings.set({ readMarks, ...others })),
  };
}
