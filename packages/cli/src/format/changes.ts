import { changeWords } from '@parley/core';
import type { ChangeView, Person } from '@parley/host';
import { safeText } from '../text/safe-text.ts';
import { lifetimeWords } from './lifetime.ts';

/** What somebody has changed about a conversation, in a line for people. `people`: what is known of them now. */
export function changeLine(change: ChangeView, people: ReadonlyMap<string, Person>): string {
  const nameOf = (person: Person): string => safeText((people.get(person.node_id) ?? person).display);
  const pieces = changeWords(change, lifetimeWords);
  return pieces
    .map((piece) => (typeof piece === 'string' ? piece : 'person' in piece ? nameOf(piece.person) : `“${safeText(piece.quoted)}”`))
    .join('');
}
