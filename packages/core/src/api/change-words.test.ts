import { expect, it } from 'vitest';
import { changeWords } from './change-words.ts';
import type { ChangeView } from './types-changes.ts';

const person = (name: string) => ({ node_id: name, display: name, present: true });
const [ada, bob] = [person('Ada'), person('Bob')];

function words(change: Partial<ChangeView> & Pick<ChangeView, 'kind'>): string {
  const view: ChangeView = { id: 'x', time: '2026-01-01T00:00:00Z', by: ada, own: false, ...change };
  return changeWords(view, (seconds) => `${seconds} s`)
    .map((piece) => (typeof piece === 'string' ? piece : 'person' in piece ? piece.person.display : `“${piece.quoted}”`))
    .join('');
}

it('what was changed about a conversation is said in a line, also of the user', () => {
  expect(
    [
      { kind: 'invited', member: bob, role: 'member' } as const,
      { kind: 'invited', member: bob, self: true, role: 'observer' } as const,
      { kind: 'joined', by: bob, member: bob } as const,
      { kind: 'joined', by: bob, own: true, member: bob, self: true } as const,
      { kind: 'role', member: bob, role: 'moderator' } as const,
      { kind: 'role', own: true, member: ada, self: true, role: 'observer' } as const,
      { kind: 'role', member: ada, role: 'member' } as const,
      { kind: 'removed', own: true, member: bob } as const,
      { kind: 'uninvited', member: bob } as const,
      { kind: 'left', by: bob, member: bob } as const,
      { kind: 'declined', by: bob, member: bob } as const,
      { kind: 'key', member: bob } as const,
      { kind: 'timer', seconds: 60 } as const,
      { kind: 'timer', own: true, seconds: 0 } as const,
      { kind: 'name', name: 'council' } as const,
      { kind: 'history', history: 'none' } as const,
      { kind: 'history', history: 25 } as const,
    ].map(words),
  ).toEqual([
    'Ada invited Bob',
    'Ada invited you as an observer',
    'Bob joined',
    'You joined',
    'Ada made Bob a moderator',
    'You made yourself an observer',
    'Ada made themselves a member',
    'You removed Bob',
    'Ada withdrew the invitation to Bob',
    'Bob left',
    'Bob declined the invitation',
    'Ada has a new key now',
    'Ada set messages to disappear after 60 s',
    'You turned off disappearing messages',
    'Ada renamed the channel to “council”',
    'Ada decided that newcomers can read nothing from before they join',
    'Ada decided that newcomers can read the last 25 messages from before they join',
  ]);
});
