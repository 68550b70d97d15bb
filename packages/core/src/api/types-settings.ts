import type { Static } from 'typebox';
import * as Type from 'typebox';
import { Person } from './types-people.ts';

const READ_MARKS = 'in direct conversations and small closed channels: tell the author that a message was read, and see the same of others';

const DIRECT =
  'make links of the own with those to whom the user writes, and answer contacts who ask for one: they see the network address of this node';
const CIRCUITS =
  'servers through which goes what is between the user and one other person, and lookups, so that none of them sees both ends: 1 to 3; 0: no circuits';
const Circuits = Type.Integer({ minimum: 0, maximum: 3, description: CIRCUITS });

/** What the user shares of what they do, and of whom they talk with. */
export const SettingsView = Type.Object({
  read_marks: Type.Boolean({ description: READ_MARKS }),
  typing: Type.Boolean({ description: 'in the same places: tell others while the user is writing, and see the same of them' }),
  presence: Type.Boolean({ description: 'tell contacts whether the user is active, and when they last were, and see the same of them' }),
  direct: Type.Boolean({ description: DIRECT }),
  circuits: Circuits,
});
export type SettingsView = Static<typeof SettingsView>;

export const SettingsChanges = Type.Object({
  read_marks: Type.Optional(Type.Boolean()),
  typing: Type.Optional(Type.Boolean()),
  presence: Type.Optional(Type.Boolean()),
  direct: Type.Optional(Type.Boolean()),
  circuits: Type.Optional(Circuits),
});
export type SettingsChanges = Static<typeof SettingsChanges>;

export const CircuitsView = Type.Object(
  {
    wanted: Type.Integer({ description: 'servers on the way that the user wants; 0: no circuits' }),
    standing: Type.Array(
      Type.Object({
        to: Type.Optional(Type.Intersect([Person], { description: 'for whom it is; absent: for lookups' })),
        hops: Type.Array(Person, { description: 'the servers that it goes through, the first one first' }),
        age_s: Type.Number(),
      }),
    ),
    trouble: Type.Optional(Type.String({ description: 'why a circuit that is needed cannot be made, for people' })),
  },
  { description: 'the circuits of this node' },
);
export type CircuitsView = Static<typeof CircuitsView>;
