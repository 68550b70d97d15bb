import { equalBytes } from '../../../util/bytes.ts';
import { type Entry, type HistoryPolicy, ROLES, type Role, type RoleEntry } from './entry.ts';

/** A time in which somebody might do something; `to` is open while they may. */
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
  /** All whose device they have ever said to be, and, where a key has handed on its place to this one, it: none of these is got rid of by saying otherwise. */
  readonly persons: readonly string[];
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
  /** Key ids of all who have accepted, of those too who are gone. */
  readonly came: ReadonlySet<string>;
  /** Keys that have handed on their place, and to which. */
  readonly heirs: ReadonlyMap<string, string>;
  /** Devices whose place rests on that of the observer who brought them, and which observer that is. */
  readonly brought: ReadonlyMap<string, string>;
  /** Times in which somebody was owner or moderator, by key id: of those too who are so no more. */
  readonly moderated: ReadonlyMap<string, readonly Period[]>;
  /** Digests of entries by which somebody went: an epoch is for those who are left when it knows them all. */
  readonly removals: readonly string[];
  /** Entries that took effect, in order. */
  readonly effective: readonly Entry[];
  /** Of the latest entry. */
  readonly time: number;
}

/** Above so many removals the oldest are not looked at any more. */
export const MAX_REMOVALS = 500;

/** An observer brings so many at a time: as many as a person has devices besides the first. */
const MAX_BROUGHT = 7;

type Times = Map<string, Period[]>;

function open(times: Times, key: string, at: number): void {
  const periods = times.get(key) ?? [];
  if (periods.length === 0 || periods.at(-1)?.to !== undefined) times.set(key, [...periods, { from: at, to: undefined }]);
}

function close(times: Times, key: string, at: number): void {
  const periods = times.get(key);
  const last = periods?.at(-1);
  if (periods && last?.to === undefined && last) periods[periods.length - 1] = { from: last.from, to: at };
}

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

/** Whether it is as an observer brings a device. */
export function mayBring(by: Role, from: Role | 'none', to: Role | 'none'): boolean {
  return by === 'observer' && from === 'none' && to === 'observer';
}

/** Whether somebody has brought a device when they observed, or was brought with it. */
export function isBroughtWith(brought: ReadonlyMap<string, string>, keyId: string, device: string): boolean {
  const by = brought.get(device);
  return by !== undefined && (by === keyId || by === brought.get(keyId));
}

/** Whether a device that was brought may write, as that person may by now. */
export function mayRaise(by: MemberState, broughtToo: boolean, from: Role | 'none', to: Role | 'none'): boolean {
  return by.joined && broughtToo && writes(by.role) && from === 'observer' && to === 'member';
}

/** A key, and those to which it has handed on its place, the latest last. */
export function lineOf(heirs: ReadonlyMap<string, string>, key: string): string[] {
  const keys = [key];
  for (let next = heirs.get(key); next !== undefined; next = heirs.get(next)) keys.push(next);
  return keys;
}

/** Whether a member has ever said to be a device of somebody, or of a key before theirs: a person sends their own devices away, whatever their role. */
export function isDeviceOf(member: MemberState | undefined, keyId: string, heirs: ReadonlyMap<string, string>): boolean {
  return member?.persons.some((person) => lineOf(heirs, person).includes(keyId)) === true;
}

/** Hears of each entry that takes effect; of one about a role with how that member stood before and after. */
type Watcher = (entry: Entry, before: MemberState | undefined, after: MemberState | undefined) => void;

/**
 * The state of a channel: its entries in the order of their times, each taken when its signer's role at that point allows it. So everybody who has the
 * same entries has the same state, whatever the order in which they came. Pure.
 */
export function replay(creator: string, entries: Iterable<Entry>, watch?: Watcher): ClosedState {
  const members = new Map<string, MemberState>([
    [creator, { key: creator, role: 'owner', joined: false, since: 0, sealingKey: undefined, person: undefined, persons: [] }],
  ]);
  const wrote: Times = new Map();
  const came = new Set<string>();
  const sentAway = new Set<string>();
  /** Who has handed on their place, and to whom. */
  const heirs = new Map<string, string>();
  /** As what somebody left of their own accord. */
  const left = new Map<string, Role>();
  /** Invited by plain members, and not touched by anybody else since. */
  const lightly = new Set<string>();
  /** The same of observers, who bring their own devices, and these each other: all of them go with the one that was there first. */
  const brought = new Map<string, string>();
  const moderated: Times = new Map([[creator, [{ from: 0, to: undefined }]]]);
  const removals: string[] = [];
  const effective: Entry[] = [];
  let name = '';
  let history: HistoryPolicy = 'all';
  let timer: ClosedState['timer'];

  const go = (key: string, entry: RoleEntry): void => {
    members.delete(key);
    brought.delete(key);
    removals.push(entry.digest);
    for (const times of [wrote, moderated]) close(times, key, entry.time);
  };
  const broughtBy = (signer: string): string[] => [...brought].flatMap(([key, by]) => (by === signer ? [key] : []));
  /** With all that it has brought. Those stay with the one of them that sends it away. */
  const goWith = (key: string, entry: RoleEntry): void => {
    const { signer } = entry;
    const devices = broughtBy(key);
    go(key, entry);
    const stay = devices.includes(signer);
    for (const one of devices) stay ? brought.set(one, signer) : go(one, entry);
    if (stay) brought.delete(signer);
  };
  /** With another role than before. */
  const come = (member: MemberState, at: number): void => {
    const { key, role } = member;
    members.set(key, member);
    heirs.delete(key);
    left.delete(key);
    moderates(role) ? open(moderated, key, at) : close(moderated, key, at);
    if (member.joined) writes(role) ? open(wrote, key, at) : close(wrote, key, at);
    // What it has let its devices do ends with what it may itself.
    for (const one of writes(role) ? [] : broughtBy(key)) {
      const device = members.get(one);
      if (device && writes(device.role)) come({ ...device, role }, at);
    }
  };
  const succeed = (entry: RoleEntry, by: MemberState): boolean => {
    const { member: key, role, signer, time } = entry;
    const now = members.get(key);
    // Whoever has a key could hand that on as well: nothing is given away here that was not theirs.
    if (!by.joined || now?.joined || key === signer || role !== by.role || (sentAway.has(key) && !moderates(role))) return false;
    const root = brought.get(signer);
    go(signer, entry);
    sentAway.delete(key);
    // Whom somebody else has invited too has no less for it.
    const next = now && ROLES.indexOf(now.role) < ROLES.indexOf(role) ? now.role : role;
    const persons = [...new Set([...by.persons, ...(now?.persons ?? [])])];
    come({ key, role: next, joined: false, since: time, sealingKey: undefined, person: undefined, persons }, time);
    heirs.set(signer, key);
    for (const device of broughtBy(signer)) brought.set(device, key);
    if (root !== undefined && !now) brought.set(key, root);
    return true;
  };
  /** By oneself: to come, to go, or as an owner to be less. */
  const own = (entry: RoleEntry, now: MemberState): boolean => {
    const { member: key, role, time, sealingKey, person } = entry;
    if (role === 'none') {
      goWith(key, entry);
      left.set(key, now.role);
      return true;
    }
    if (sealingKey) {
      // Accepted, whatever it was called when it was offered; or the sealing key is another.
      const same = now.sealingKey !== undefined && equalBytes(now.sealingKey, sealingKey) && now.person === person;
      if (now.joined && same) return false;
      came.add(key);
      const persons = person === undefined || now.persons.includes(person) ? now.persons : [...now.persons, person];
      members.set(key, { ...now, joined: true, since: now.joined ? now.since : time, sealingKey, person, persons });
      if (writes(now.role)) open(wrote, key, time);
      return true;
    }
    if (now.role !== 'owner' || role === now.role) return false;
    come({ ...now, role }, time);
    return true;
  };
  /** Of whom an entry speaks: of oneself, or whoever has their place now. */
  const meant = ({ signer, member: key }: RoleEntry): string => {
    const last = lineOf(heirs, key).at(-1) as string;
    return signer !== key && members.has(last) ? last : key;
  };
  const change = (entry: RoleEntry): boolean => {
    const { role, signer, time } = entry;
    const by = members.get(signer);
    if (!by) return false;
    if (entry.successor) return succeed(entry, by);
    if (signer === entry.member) return own(entry, by);
    // What is said of a key is said of the one that has its place now: nobody gets out of it by another key.
    const keys = lineOf(heirs, entry.member);
    const last = keys.at(-1) as string;
    const key = meant(entry);
    const now = members.get(key);
    const from = now?.role ?? 'none';
    const raises = by.role === 'member' && lightly.has(key) && !now?.joined && from === 'observer' && role === 'member';
    const device = role === 'none' && isDeviceOf(now, signer, heirs);
    if (role === 'none' && !now) {
      // Whoever left before it was sent away is sent away all the same.
      const was = left.get(last);
      if (was === undefined || !by.joined || !moderates(by.role) || !mayChange(by.role, was, 'none', false)) return false;
      left.delete(last);
      for (const one of keys) sentAway.add(one);
      return true;
    }
    const root = brought.get(signer) ?? signer;
    const brings = mayBring(by.role, from, role) && !sentAway.has(key) && broughtBy(root).length < MAX_BROUGHT;
    const writesToo = mayRaise(by, isBroughtWith(brought, signer, key), from, role);
    if (!by.joined || !(raises || device || brings || writesToo || mayChange(by.role, from, role, sentAway.has(key)))) return false;
    if (role === 'none') {
      goWith(key, entry);
      for (const one of keys) sentAway.add(one);
      return true;
    }
    sentAway.delete(key);
    if (by.role === 'member' && !writesToo) lightly.add(key);
    else lightly.delete(key);
    if (brings) brought.set(key, root);
    else if (!writesToo) brought.delete(key);
    const { joined = false, since = time, sealingKey, person, persons = [] } = now ?? {};
    come({ key, role, joined, since, sealingKey, person, persons }, time);
    return true;
  };

  for (const entry of [...entries].sort(isBefore)) {
    const subject = entry.kind === 'role' ? meant(entry) : undefined;
    const before = subject === undefined ? undefined : members.get(subject);
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
    watch?.(entry, before, subject === undefined ? undefined : members.get(subject));
  }
  const time = effective.at(-1)?.time ?? 0;
  const latest = [...new Set(removals)].slice(-MAX_REMOVALS);
  return { name, history, timer, members, wrote, came, heirs, brought, moderated, removals: latest, effective, time };
}

/** Clocks differ so much. */
const SKEW_MS = 15 * 60_000;

const within = (periods: readonly Period[] = [], at: number): boolean =>
  periods.some(({ from, to }) => at >= from - SKEW_MS && (to === undefined || at <= to));

/** Whether somebody might write at a time. */
export function mightWrite(state: ClosedState, key: string, at: number): boolean {
  return within(state.wrote.get(key), at);
}

/** Whether somebody is owner or moderator, or was at a time. */
export function moderatedAt(state: ClosedState, key: string, at: number | undefined): boolean {
  const role = state.members.get(key)?.role;
  return (role !== undefined && moderates(role)) || (at !== undefined && within(state.moderated.get(key), at));
}
