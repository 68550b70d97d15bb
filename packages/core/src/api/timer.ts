import type { Static } from 'typebox';
import * as Type from 'typebox';
import { Person } from './types-people.ts';

/** How long messages of a closed channel, or of a conversation of two, last that are written from now on. */
export const TimerView = Type.Object({
  seconds: Type.Integer({ description: '60 to 2419200 (four weeks); 0: they stay' }),
  by: Type.Intersect([Person], { description: 'who said so' }),
  time: Type.String({ description: 'RFC 3339, by their clock' }),
});
export type TimerView = Static<typeof TimerView>;
