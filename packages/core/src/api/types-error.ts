import type { Static } from 'typebox';
import * as Type from 'typebox';

export const ErrorView = Type.Object({
  error: Type.Object({
    code: Type.String({ description: 'a code of ParleyError' }),
    message: Type.String({ description: 'for people' }),
    data: Type.Optional(Type.Object({}, { description: 'for programs; what is in it depends on the code' })),
  }),
});
export type ErrorView = Static<typeof ErrorView>;
