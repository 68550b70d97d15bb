import { nameFault } from '@parley/core';
import { sentence } from '../state/words.ts';

/** Twice as many UTF-16 units as a name has characters: nobody who pastes a page makes the browser slow. */
export const NAME_UNITS = 128;

/** What is wrong with a name as it is being typed, in a sentence; undefined while nothing is, or nothing was typed. */
export function nameError(typed: string): string | undefined {
  const name = typed.normalize('NFC').trim();
  const fault = name === '' ? undefined : nameFault(name);
  return fault === undefined ? undefined : sentence(fault);
}
