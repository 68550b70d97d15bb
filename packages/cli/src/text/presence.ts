import { clockTime, dateTime, dayOf } from './time.ts';

/** Whether somebody is in reach, and, where they share it, whether they are there. */
interface Seen {
  readonly present: boolean;
  readonly presence?: { readonly state?: 'here' | 'away'; readonly seen: string } | undefined;
}

/** Whether somebody is there, in words; nothing where they do not share it. `now`: milliseconds since 1970. */
export function presenceWords({ present, presence }: Seen, now: number): string {
  if (!presence) return '';
  if (presence.state === 'here') return 'here';
  const at = Date.parse(presence.seen);
  const seen = `last here ${dayOf(at) === dayOf(now) ? clockTime(at) : dateTime(at)}`;
  return present ? `away, ${seen}` : `gone, ${seen}`;
}

/** In reach, and not known to have left their device. */
export const isAway = ({ present, presence }: Seen): boolean => present && presence?.state === 'away';

export const samePresence = (a: Seen, b: Seen): boolean => a.presence?.state === b.presence?.state && a.presence?.seen === b.presence?.seen;
