import type { Static } from 'typebox';
import * as Type from 'typebox';

export const RotationView = Type.Object(
  {
    from: Type.String({ description: 'key id that is being replaced, or was' }),
    to: Type.String({ description: 'key id that takes its place' }),
    since: Type.String({ description: 'when the old key signed it; RFC 3339' }),
    phase: Type.Enum(['telling', 'leaving', 'following'], {
      description: 'the old key is in use; it is giving up its places; the new one is in use, and some contacts are still to be told',
    }),
    contacts: Type.Array(
      Type.Object({
        key: Type.String(),
        display: Type.String(),
        told: Type.Boolean({ description: 'another node has it for them, and answers for it' }),
        device: Type.Optional(Type.Literal(true, { description: "it is one of the user's own devices, which goes along" })),
      }),
    ),
  },
  { description: "a new key for this node's user" },
);
export type RotationView = Static<typeof RotationView>;

export const RotationState = Type.Object({ rotation: Type.Optional(RotationView) });
export type RotationState = Static<typeof RotationState>;
