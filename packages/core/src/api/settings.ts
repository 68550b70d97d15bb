import type { Static } from 'typebox';
import * as Type from 'typebox';
import type { Settings } from '../features/settings/index.ts';
import type { Node } from '../node.ts';

const READ_MARKS = 'in conversations of two and in small closed channels: tell who wrote that it was read, and see the same of others';

/** What the user shares of what they do. */
export const SettingsView = Type.Object({
  read_marks: Type.Boolean({ description: READ_MARKS }),
});
export type SettingsView = Static<typeof SettingsView>;

export const SettingsChanges = Type.Object({
  read_marks: Type.Optional(Type.Boolean()),
});
export type SettingsChanges = Static<typeof SettingsChanges>;

/** What the local API offers about settings. */
export interface SettingsService {
  get(): SettingsView;
  /** On disk when it resolves. Errors: those of the store. */
  set(changes: SettingsChanges): Promise<SettingsView>;
}

export function settingsView({ readMarks }: Settings): SettingsView {
  return { read_marks: readMarks };
}

export function settingsService({ settings }: Node): SettingsService {
  return {
    get: () => settingsView(settings.get()),
    set: async ({ read_marks: readMarks }) => settingsView(await settings.set({ readMarks })),
  };
}
