import type { ChangeView } from './types-changes.ts';
import type { Person } from './types-people.ts';

/** A line for people, in pieces: names are shown as all names are, and what others chose as their words. */
export type ChangePiece = string | { readonly person: Person } | { readonly quoted: string };

const ROLES = { owner: 'an owner', moderator: 'a moderator', member: 'a member', observer: 'an observer' } as const;

/** What somebody has changed, in words. `lasts`: seconds in words. Pure. */
export function changeWords(change: ChangeView, lasts: (seconds: number) => string): ChangePiece[] {
  const { kind, by, own, member, self } = change;
  const who: ChangePiece = own ? 'You' : { person: by };
  const whom: ChangePiece = self ? 'you' : { person: member ?? by };
  const came: ChangePiece = self ? 'You' : { person: member ?? by };
  const themselves = own ? 'yourself' : 'themselves';
  switch (kind) {
    case 'invited':
      return [who, ' invited ', whom, change.role === undefined || change.role === 'member' ? '' : ` as ${ROLES[change.role]}`];
    case 'joined':
      return [came, ' joined'];
    case 'left':
      return [came, ' left'];
    case 'declined':
      return [came, ' declined the invitation'];
    case 'removed':
      return [who, ' removed ', whom];
    case 'uninvited':
      return [who, ' took back the invitation of ', whom];
    case 'role':
      return [who, ' made ', member?.node_id === by.node_id ? themselves : whom, ` ${ROLES[change.role ?? 'member']}`];
    case 'key':
      return own ? ['You go on under a new key'] : [who, ' goes on under a new key'];
    case 'timer':
      return change.seconds
        ? [who, ` set messages to disappear after ${lasts(change.seconds)}`]
        : [who, ' turned off that messages disappear'];
    case 'name':
      return [who, ' named the channel ', { quoted: change.name ?? '' }];
    case 'history':
      return [who, ` lets newcomers read ${historyWords(change.history)} of the time before`];
  }
}

function historyWords(history: ChangeView['history']): string {
  if (history === 'none') return 'nothing';
  if (history === undefined || history === 'all') return 'all';
  return history === 1 ? 'the last message' : `the last ${history} messages`;
}
