import type { ChangeView } from './types-changes.ts';
import type { Person } from './types-people.ts';

/** A line for people, in pieces: names are shown as all names are, and what others chose as their words. */
export type ChangePiece = string | { readonly person: Person } | { readonly quoted: string };

/** A role with its article. */
export const ROLE_WORDS = { owner: 'an owner', moderator: 'a moderator', member: 'a member', observer: 'an observer' } as const;

/** What somebody has changed, in words. `lasts`: seconds in words. Pure. */
export function changeWords(change: ChangeView, lasts: (seconds: number) => string): ChangePiece[] {
  const { kind, by, own, member, self } = change;
  const who: ChangePiece = own ? 'You' : { person: by };
  const whom: ChangePiece = self ? 'you' : { person: member ?? by };
  const came: ChangePiece = self ? 'You' : { person: member ?? by };
  const themselves = own ? 'yourself' : 'themselves';
  switch (kind) {
    case 'invited':
      return [who, ' invited ', whom, change.role === undefined || change.role === 'member' ? '' : ` as ${ROLE_WORDS[change.role]}`];
    case 'joined':
      return [came, ' joined'];
    case 'left':
      return [came, ' left'];
    case 'declined':
      return [came, ' declined the invitation'];
    case 'removed':
      return [who, ' removed ', whom];
    case 'uninvited':
      return [who, ' withdrew the invitation to ', whom];
    case 'role':
      return [who, ' made ', member?.node_id === by.node_id ? themselves : whom, ` ${ROLE_WORDS[change.role ?? 'member']}`];
    case 'key':
      return own ? ['You have a new key now'] : [who, ' has a new key now'];
    case 'timer':
      return change.seconds
        ? [who, ` set messages to disappear after ${lasts(change.seconds)}`]
        : [who, ' turned off disappearing messages'];
    case 'name':
      return [who, ' renamed the channel to ', { quoted: change.name ?? '' }];
    case 'history':
      return [who, ` decided that newcomers can read ${historyWords(change.history)} from before they join`];
  }
}

function historyWords(history: ChangeView['history']): string {
  if (history === 'none') return 'nothing';
  if (history === undefined || history === 'all') return 'everything';
  return history === 1 ? 'the last message' : `the last ${history} messages`;
}
