import { type Asked, openRequests, WAITS } from './requests.ts';
import type { Done } from './run-command.ts';
import type { ChatState } from './state.ts';

/** Says yes or no to who asks to be a contact, or to an invitation, by a name, key or id. */
export function answer(state: ChatState, argument: string, yes: boolean): Done {
  if (argument === '') return undefined;
  const found = askedBy(state, argument);
  if (typeof found === 'string') return found;
  const { kind, id, title } = found;
  return { state, effects: [{ do: 'answer', kind, yes, id, title }] };
}

/** The one that is meant, or why none is: nothing must be answered to another than was meant. */
function askedBy(state: ChatState, given: string): Asked | string {
  const all = openRequests(state).map((asked) => ({ asked, names: namesOf(asked) }));
  const wanted = given.toLowerCase();
  // As it is shown before as it is called.
  const places = Math.max(0, ...all.map(({ names }) => names.length));
  for (let place = 0; place < places; place++) {
    const [only, ...others] = all.filter(({ names }) => names[place]?.some((name) => name.toLowerCase() === wanted));
    if (others.length > 0) return `several who ask are called ${given}: give the key or id, which /requests shows`;
    if (only) return only.asked;
  }
  if (state.invitations.some(({ name, accepted }) => accepted && name === given.replace(/^#/, ''))) return `${given}: ${WAITS}`;
  if (given.startsWith('#')) return `there is no invitation to ${given}: /requests lists them`;
  return `nobody called ${given} waits for an answer: /requests lists who does`;
}

/** What somebody may write who means it, what tells most first. */
function namesOf(asked: Asked): string[][] {
  if (asked.kind === 'invitation') return [[asked.id], [asked.title], [asked.title.slice(1)]];
  const { title, view } = asked;
  const names = view.name === undefined ? [] : [view.name, `@${view.name}`];
  return [[asked.id], [title, `@${title}`], names];
}
