import { changeWords } from '@parley/core';
import type { ChangeView, MessageView, Person } from '@parley/host';
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

/** What was changed in the time of these messages, which are oldest first. `first`, `last`: there are none before them, or after. */
export function changesAmong(
  changes: readonly ChangeView[],
  messages: readonly MessageView[],
  { first, last }: { readonly first: boolean; readonly last: boolean },
): ChangeView[] {
  const [oldest, newest] = [messages[0], messages.at(-1)].map((message) => Date.parse(message?.time ?? ''));
  // Without any message there is no time of theirs, and every comparison is false.
  return changes.filter(({ time }) => {
    const at = Date.parse(time);
    return (first || at >= Number(oldest)) && (last || at <= Number(newest));
  });
}
