import type { Person } from '@parley/host';
import { samePresence } from '../text/presence.ts';
import type { ChatState } from './state.ts';

const MOST_PEOPLE = 20_000;

/** What is known of people now. A name that was learnt is not forgotten when somebody is named without it. */
export function withPeople(state: ChatState, people: readonly Person[]): ChatState {
  const changed = people.filter((person) => {
    const known = state.people.get(person.node_id);
    return (
      !known ||
      known.display !== person.display ||
      known.present !== person.present ||
      known.name !== person.name ||
      known.of?.node_id !== person.of?.node_id ||
      known.of?.former !== person.of?.former ||
      !samePresence(known, person)
    );
  });
  if (changed.length === 0) return state;
  const next = new Map(state.people);
  for (const person of changed) {
    const known = next.get(person.node_id);
    next.set(
      person.node_id,
      person.name === undefined && known?.name !== undefined ? { ...person, name: known.name, display: known.display } : person,
    );
  }
  for (const id of next.keys()) {
    if (next.size <= MOST_PEOPLE) break;
    next.delete(id);
  }
  return { ...state, people: next };
}
