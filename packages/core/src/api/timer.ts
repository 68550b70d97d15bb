import type { Static } from 'typebox';
import * as Type from 'typebox';
import { Person } from './types-people.ts';

/** How long messages last that are written from now on in a closed channel or a direct conversation. */
export const TimerView = Type.Object({
  seconds: Type.Integer({ description: '60 to 2419200 (four weeks); 0: they do not expire' }),
  by: Type.Intersect([Person], { description: 'who set it' }),
  time: Type.String({ description: 'RFC 3339, by their clock' }),
});
export type TimerView = Static<typeof TimerView>;
