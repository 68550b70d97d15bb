import { membersTogether, ROLE_WORDS } from '@parley/core';
import type { InvitationView, MemberView } from '@parley/host';
import { safeText } from '../text/safe-text.ts';
import type { Style } from '../text/style.ts';
import { dateTime } from '../text/time.ts';
import { table } from './table.ts';

/** Members, for people: who is there, with how many devices, and of a closed channel what they may do. */
export function memberLines(members: readonly MemberView[], style: Style): string[] {
  const people = membersTogether(members);
  const rows = people.map(({ shown: { display, role, invited, key, node_id }, nodes }) => [
    safeText(display),
    [role, invited && 'invited', nodes.length > 1 && `${nodes.length} devices`].filter(Boolean).join(', '),
    safeText(key ?? node_id),
  ]);
  return table(rows).map((line, index) =>
    people[index]?.shown.present ? `${style.colour('green', '●')} ${line}` : style.dim(`○ ${line}`),
  );
}

/** Invitations to closed channels, for people. */
export function invitationLines(invitations: readonly InvitationView[]): string[] {
  if (invitations.length === 0) return ['no invitations'];
  return table(
    invitations.map(({ name, by, role, members, received, accepted, channel_id }) => [
      `#${safeText(name)}`,
      `from ${safeText(by.display)}${role === undefined ? '' : `, as ${ROLE_WORDS[role]}`}`,
      `${members} ${members === 1 ? 'member' : 'members'}`,
      accepted ? 'accepted; waits for the key' : dateTime(Date.parse(received)),
      channel_id,
    ]),
  );
}
