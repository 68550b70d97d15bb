import type { Entry, HistoryPolicy, Role, RoleEntry } from './entry.ts';

/** A time in which somebody was in a channel and might write; `to` is open while they are. */
interface Period {
  readonly from: number;
  readonly to: number | undefined;
}

export interface MemberState {
  /** Key id. */
  readonly key: string;
  readonly role: Role;
  /** Whether they have accepted. */
  readonly joined: boolean;
  /** When they accepted, or were invited, by the entry. */
  readonly since: number;
  /** Known once they have accepted. */
  readonly sealingKey: Uint8Array | undefined;
  /** Key id of the person whose device they have said to be. */
  readonly person: string | undefined;
}

/** What the entries of a closed channel come to. */
export interface ClosedState {
  readonly name: string;
  readonly history: HistoryPolicy;
  /** How long messages last, where that was said; `by`: key id. */
  readonly timer: { readonly seconds: number; readonly by: string; readonly at: number } | undefined;
  /** By key id. */
  readonly members: ReadonlyMap<string, MemberState>;
  /** Times in which somebody might write, by key id: of those too who are gone. */
  readonly wrote: ReadonlyMap<string, readonly Period[]>;
  /** Digests of entries by which somebody went: an epoch is for those who are left when it knows them all. */
  readonly removals: readonly string[];
  /** Entries that took effect, in order. */
  readonly effective: readonly Entry[];
  /** Of the latest entry. */
  readonly time: number;
}

/** Above so many removals the oldest are not looked at any more. */
export const MAX_REMOVALS = 500;

const isBefore = (a: Entry, b: Entry): number => a.time - b.time || (a.digest < b.digest ? -1 : 1);
const moderates = (role: Role): boolean => role === 'owner' || role === 'moderator';
const writes = (role: Role): boolean => role !== 'observer';

/** Whether one with a role may give somebody who has one (or none) another. */
export function mayChange(by: Role, from: Role | 'none', to: Role | 'none', wasRemoved: boolean): boolean {
  if (by === 'owner') return true;
  const small = (role: Role | 'none'): boolean => role !== 'owner' && role !== 'moderator';
  if (by === 'moderator') return small(from) && small(to);
  // Whom a moderator has sent away only a moderator brings back.
  return by === 'member' && from === 'none' && (to === 'member' || to === 'observer') && !wasRemoved;
}

/** Whether a member has said to be a device of somebody: a person sends their own devices away, whatever their role. */
export function isDeviceOf(member: MemberState | undefined, keyId: string): boolean {
  return member?.person === keyId;
}

/**
 * The state of a channel: its entries in the order of their times, each taken when its signer's role at that point allows it. So everybody who has the
 * same entries has the same state, whatever the order in which they came. Pure.
 */
export function replay(creator: string, entries: Iterable<Entry>): ClosedState {
  const members = new Map<string, MemberState>([
    [creator, { key: creator, role: 'owner', joined: false, since: 0, sealingKey: undefined, person: undefined }],
  ]);
  const wrote = new Map<string, Period[]>();
  const sentAway = new Set<string>();
  const removals: string[] = [];
  const effective: Entry[] = [];
  let name = '';
  let history: HistoryPolicy = 'all';
  let timer: ClosedState['timer'];

  const close = (key: string, at: number): void => {
    const periods = wrote.get(key);
    const last = periods?.at(-1);
    if (periods && last?.to === undefined && last) periods[periods.length - 1] = { from: last.from, to: at };
  };
  const open = (key: string, at: number): void => {
    const periods = wrote.get(key) ?? [];
    if (periods.length === 0 || periods.at(-1)?.to !== undefined) wrote.set(key, [...periods, { from: at, to: undefined }]);
  };
  const change = (entry: RoleEntry): boolean => {
    const { member: key, role, signer, time } = entry;
    const now = members.get(key);
    const by = members.get(signer);
    if (!by) return false;
    if (entry.successor) {
      // Whoever has a key could hand that on as well: nothing is given away here that was not theirs.
      if (!by.joined || now || role !== by.role || sentAway.has(key)) return false;
      members.delete(signer);
      removals.push(entry.digest);
      close(signer, time);
      members.set(key, { key, role, joined: false, since: time, sealingKey: undefined, person: undefined });
      return true;
    }
    const own = signer === key;
    if (own && now && role === now.role) {
      // Accepted: or the sealing key is another.
      if (!entry.sealingKey) return false;
      const { sealingKey, person } = entry;
      members.set(key, { ...now, joined: true, since: now.joined ? now.since : time, sealingKey, person });
      if (writes(role)) open(key, time);
      return true;
    }
    const allowed = own
      ? role === 'none' || by.role === 'owner'
      : by.joined && (mayChange(by.role, now?.role ?? 'none', role, sentAway.has(key)) || (role === 'none' && isDeviceOf(now, signer)));
    if (!allowed || (role === 'none' && !now)) return false;
    if (role === 'none') {
      members.delete(key);
      removals.push(entry.digest);
      close(key, time);
      if (!own) sentAway.add(key);
      return true;
    }
    sentAway.delete(key);
    members.set(key, {
      key,
      role,
      joined: now?.joined ?? false,
      since: now?.since ?? time,
      sealingKey: now?.sealingKey,
      person: now?.person,
    });
    if (now?.joined) writes(role) ? open(key, time) : close(key, time);
    return true;
  };

  for (const entry of [...entries].sort(isBefore)) {
    if (entry.kind === 'role') {
      if (!change(entry)) continue;
    } else if (entry.kind === 'timer') {
      const by = members.get(entry.signer);
      if (!by?.joined || !moderates(by.role)) continue;
      timer = { seconds: entry.seconds, by: entry.signer, at: entry.time };
    } else {
      if (members.get(entry.signer)?.role !== 'owner') continue;
      ({ name, history } = entry);
    }
    effective.push(entry);
  }
  return { name, history, timer, members, wrote, removals: removals.slice(-MAX_REMOVALS), effective, time: effective.at(-1)?.time ?? 0 };
}

/** Clocks differ so much. */
const SKEW_MS = 15 * 60_000;

/** Whether somebody might write at a time. */
export function mightWrite(state: ClosedState, key: string, at: number): boolean {
  return (state.wrote.get(key) ?? []).some(({ from, to }) => at >= from - SKEW_MS && (to === undefined || at <= to));
}
