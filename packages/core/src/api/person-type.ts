import Type, { type Static } from 'typebox';

export const Person = Type.Object({
  node_id: Type.String(),
  key: Type.Optional(Type.String({ description: 'key id, where it is known' })),
  name: Type.Optional(Type.String({ description: 'the name in the certificate, where it is known' })),
  display: Type.String({ description: '`name#1a2b`, or the beginning of the node id' }),
  present: Type.Boolean({ description: 'whether a route is known now' }),
});
export type Person = Static<typeof Person>;
