import type { Static } from 'typebox';
import * as Type from 'typebox';

const READ_MARKS = 'in direct conversations and small closed channels: tell the author that a message was read, and see the same of others';

/** What the user shares of what they do. */
export const SettingsView = Type.Object({
  read_marks: Type.Boolean({ description: READ_MARKS }),
  typing: Type.Boolean({ description: 'in the same places: tell others while the user is writing, and see the same of them' }),
  presence: Type.Boolean({ description: 'tell contacts whether the user is active, and when they last were, and see the same of them' }),
});
export type SettingsView = Static<typeof SettingsView>;

export const SettingsChanges = Type.Object({
  read_marks: Type.Optional(Type.Boolean()),
  typing: Type.Optional(Type.Boolean()),
  presence: Type.Optional(Type.Boolean()),
});
export type SettingsChanges = Static<typeof SettingsChanges>;
