import type { ChannelChange } from '../change.ts';
import type { ClosedChannel } from './channel.ts';
import type { ClosedDeps } from './deps.ts';
import type { Entry, RoleEntry } from './entry.ts';
import { lineOf, type MemberState, replay } from './roles.ts';

/**
 * What the entries of a closed channel changed, in their order, for people: by key ids. Only what took effect is told of, which is what its signer could do then,
 * and nothing that changed nothing. Pure.
 */
export function changesOf(creator: string, entries: Iterable<Entry>): ChannelChange[] {
  const changes: ChannelChange[] = [];
  /** Keys that have taken the place of others: they do not come as strangers do. */
  const heirs = new Set<string>();
  let name = '';
  let history: unknown;
  let seconds = 0;
  replay(creator, entries, (entry, before, after) => {
    const signed = { id: entry.digest, at: entry.time, by: entry.signer };
    if (entry.kind === 'timer') {
      if (entry.seconds !== seconds) changes.push({ ...signed, kind: 'timer', seconds: entry.seconds });
      ({ seconds } = entry);
    } else if (entry.kind === 'settings') {
      // The first ones are those with which the channel was made.
      if (name !== '' && entry.name !== name) changes.push({ ...signed, kind: 'name', name: entry.name });
      if (name !== '' && entry.history !== history)
        changes.push({ ...signed, id: `${entry.digest} h`, kind: 'history', history: entry.history });
      ({ name, history } = entry);
    } else if (entry.successor) {
      heirs.add(entry.member);
      changes.push({ ...signed, kind: 'key', member: entry.member });
    } else {
      const change = roleChange(signed, entry, before, after);
      if (change && !(change.kind === 'joined' && heirs.delete(change.member))) changes.push(change);
    }
  });
  return changes;
}

function roleChange(
  signed: Pick<ChannelChange, 'id' | 'at' | 'by'>,
  { signer }: RoleEntry,
  before: MemberState | undefined,
  after: MemberState | undefined,
): ChannelChange | undefined {
  const member = (after ?? before)?.key;
  if (member === undefined) return undefined;
  if (!after) {
    const deed = signer === member ? (before?.joined ? 'left' : 'declined') : before?.joined ? 'removed' : 'uninvited';
    return { ...signed, kind: deed, member };
  }
  if (!before) return { ...signed, kind: 'invited', member, role: after.role };
  // Whoever makes a channel is in it from the first.
  if (!before.joined && after.joined) return before.since === 0 ? undefined : { ...signed, kind: 'joined', member };
  return before.role === after.role ? undefined : { ...signed, kind: 'role', member, role: after.role };
}

/** What was changed in a channel since its user was invited, by node ids. `isOwn`: whether a node is, or was, one of theirs. */
export function changesFor(channel: ClosedChannel, { identity, isOwn }: Pick<ClosedDeps, 'identity' | 'isOwn'>): ChannelChange[] {
  const { creator, state } = channel;
  const mine = (keyId: string): boolean => lineOf(state.heirs, keyId).includes(identity.keyId) || isOwn(channel.nodeId(keyId));
  const first = state.effective.find((entry) => entry.kind === 'role' && mine(entry.member));
  const since = mine(creator) ? 0 : (first?.time ?? Number.POSITIVE_INFINITY);
  const told = changesOf(creator, state.effective).filter(({ at }) => at >= since);
  return told.map((change) => {
    const by = channel.nodeId(change.by);
    return 'member' in change ? { ...change, by, member: channel.nodeId(change.member) } : { ...change, by };
  });
}
