import { createCrypto } from '@parley/host';
import { describe, expect, it } from 'vitest';
import { KeyBook } from '../../../identity/ids.ts';
import { ClosedChannel } from './channel.ts';
import type { Entry, Role } from './entry.ts';
import { mightWrite, moderatedAt, replay } from './roles.ts';

const KEY = new Uint8Array(32);
let count = 0;

interface More {
  readonly key?: Uint8Array;
  readonly successor?: true;
  readonly person?: string;
}

/** A role of `member` by `signer`; by oneself it is an acceptance. */
function says(time: number, signer: string, member: string, role: Role | 'none', more: More = {}): Entry {
  const digest = String(++count).padStart(16, '0');
  const sealingKey = signer === member && role !== 'none' ? (more.key ?? KEY) : undefined;
  const { successor = false, person } = more;
  return { kind: 'role', signed: digest, digest, signer, time, member, role, sealingKey, successor, person };
}

const accepts = (time: number, member: string, role: Role = 'member', key?: Uint8Array): Entry =>
  says(time, member, member, role, key ? { key } : {});

/** The owner, and a plain member `m` who has accepted. */
const begun = (): Entry[] => [accepts(1, 'owner', 'owner'), says(2, 'owner', 'm', 'member'), accepts(3, 'm')];

/** Who is in it: `key:role`, with a question mark for those who have not accepted. In whatever order entries come it is the same. */
function members(entries: readonly Entry[]): string[] {
  const found = [entries, [...entries].reverse()].map((order) =>
    [...replay('owner', order).members.values()].map(({ key, role, joined }) => `${key}:${role}${joined ? '' : '?'}`).sort(),
  );
  expect(found[0]).toEqual(found[1]);
  return found[0] as string[];
}

/** With an observer `o`; and with a device that it has brought. */
const observed = (): Entry[] => [...begun(), says(10, 'owner', 'o', 'observer'), accepts(11, 'o', 'observer')];
const brought = (): Entry[] => [...observed(), says(20, 'o', 'tablet', 'observer'), accepts(21, 'tablet', 'observer')];

describe('an observer', () => {
  it('brings devices as observers, as many as a person has, and nobody as anything else', () => {
    expect(members(brought())).toEqual(['m:member', 'o:observer', 'owner:owner', 'tablet:observer']);
    expect(members([...observed(), says(20, 'o', 'tablet', 'member'), says(21, 'o', 'm', 'none')])).toEqual(members(observed()));
    const many = Array.from({ length: 30 }, (_, at) => says(30 + at, 'o', `d${at}`, 'observer'));
    expect(members([...observed(), ...many]).filter((one) => one.startsWith('d'))).toHaveLength(7);
    expect(
      members([
        ...observed(),
        says(12, 'owner', 'tablet', 'member'),
        says(13, 'owner', 'tablet', 'none'),
        says(20, 'o', 'tablet', 'observer'),
      ]),
    ).toEqual(members(observed()));
  });

  it('takes them along when it is sent away, whoever does it, and not when one of them does it', () => {
    expect(members([...brought(), says(30, 'owner', 'o', 'none')])).toEqual(['m:member', 'owner:owner']);
    const sent = [...brought(), says(30, 'owner', 'o', 'none'), says(25, 'o', 'again', 'observer')];
    expect(members(sent)).toEqual(['m:member', 'owner:owner']);
    const first = [...observed(), says(20, 'o', 'first', 'observer'), accepts(21, 'first', 'observer')];
    const revoked = [...first, says(22, 'o', 'o', 'observer', { person: 'first' }), says(30, 'first', 'o', 'none')];
    expect(members(revoked)).toEqual(['first:observer', 'm:member', 'owner:owner']);
  });

  it('hands them on with its key, and lets them write once it may, unless somebody else has decided', () => {
    const moved = [...brought(), says(30, 'o', 'p', 'observer', { successor: true }), accepts(31, 'p', 'observer')];
    expect(members([...moved, says(40, 'owner', 'p', 'none')])).toEqual(['m:member', 'owner:owner']);
    const raised = [...moved, says(40, 'owner', 'p', 'member')];
    expect(members([...raised, says(41, 'p', 'tablet', 'member')])).toContain('tablet:member');
    expect(members([...moved, says(41, 'p', 'tablet', 'member')])).toContain('tablet:observer');
    expect(members([...raised, says(40.5, 'owner', 'tablet', 'observer'), says(41, 'p', 'tablet', 'member')])).toContain('tablet:observer');
    expect(members([...raised, says(41, 'm', 'tablet', 'member')])).toContain('tablet:observer');
  });
});

describe('devices that an observer has brought', () => {
  /** The tablet brings the others: where it was the one that was brought. */
  const chain = (): Entry[] => [...brought(), says(22, 'tablet', 'phone', 'observer'), accepts(23, 'phone', 'observer')];
  const without = ['m:member', 'owner:owner'];

  it('go with it also when they were brought by one another, and are no more for that', () => {
    const sent = [...chain(), says(30, 'owner', 'o', 'none')];
    expect(members(sent)).toEqual(without);
    expect(replay('owner', sent).removals).toEqual([sent.at(-1)?.digest]);
    const many = Array.from({ length: 30 }, (_, at) =>
      says(24 + at / 100, ['o', 'tablet', 'phone'][at % 3] as string, `d${at}`, 'observer'),
    );
    expect(members([...chain(), ...many]).filter((one) => one !== 'o:observer' && one.includes(':observer'))).toHaveLength(7);
  });

  it('go with it also under another key', () => {
    const moved = [...brought(), says(25, 'tablet', 'tablet2', 'observer', { successor: true }), accepts(26, 'tablet2', 'observer')];
    expect(members(moved)).toContain('tablet2:observer');
    expect(members([...moved, says(30, 'owner', 'o', 'none')])).toEqual(without);
  });

  it('go with it also when it leaves, and so when it says that it had left before it was sent away', () => {
    expect(members([...chain(), says(30, 'o', 'o', 'none')])).toEqual(without);
    expect(members([...chain(), says(29, 'o', 'o', 'none'), says(30, 'owner', 'o', 'none')])).toEqual(without);
  });

  it('stay with the one of them that sends it away, and go with that', () => {
    const first = [...chain(), says(24, 'o', 'o', 'observer', { person: 'phone' }), says(30, 'phone', 'o', 'none')];
    expect(members(first)).toEqual(['m:member', 'owner:owner', 'phone:observer', 'tablet:observer']);
    expect(members([...first, says(40, 'owner', 'tablet', 'none')])).toEqual(['m:member', 'owner:owner', 'phone:observer']);
    expect(members([...first, says(40, 'owner', 'phone', 'none')])).toEqual(without);
  });

  it('write no longer than it may, by whichever of them they were raised', () => {
    const raised = [...chain(), says(30, 'owner', 'o', 'member'), says(31, 'o', 'tablet', 'member'), says(32, 'tablet', 'phone', 'member')];
    expect(members(raised)).toEqual(['m:member', 'o:member', 'owner:owner', 'phone:member', 'tablet:member']);
    const demoted = [...raised, says(40, 'owner', 'o', 'observer')];
    expect(members(demoted)).toEqual(['m:member', 'o:observer', 'owner:owner', 'phone:observer', 'tablet:observer']);
    // Dated back or not.
    expect(members([...demoted, says(39, 'o', 'phone', 'member'), says(41, 'tablet', 'phone', 'member')])).toEqual(members(demoted));
    expect(mightWrite(replay('owner', demoted), 'phone', 41)).toBe(false);
    expect(members([...demoted, says(50, 'owner', 'o', 'member'), says(51, 'o', 'phone', 'member')])).toContain('phone:member');
  });
});

describe('who moderated at some time', () => {
  const HOUR = 3_600_000;
  it('is known when they do no more: demoted, gone, or under another key', () => {
    const made = [...begun(), says(HOUR, 'owner', 'm', 'moderator')];
    for (const end of [
      says(2 * HOUR, 'owner', 'm', 'member'),
      says(2 * HOUR, 'owner', 'm', 'none'),
      says(2 * HOUR, 'm', 'm', 'none'),
      says(2 * HOUR, 'm', 'n', 'moderator', { successor: true }),
    ]) {
      const state = replay('owner', [...made, end]);
      const at = (time?: number): boolean => moderatedAt(state, 'm', time);
      expect([at(), at(HOUR / 2), at(1.5 * HOUR), at(2 * HOUR + 1)]).toEqual([false, false, true, false]);
    }
    expect(moderatedAt(replay('owner', made), 'm', undefined)).toBe(true);
    expect(moderatedAt(replay('owner', made), 'nobody', HOUR)).toBe(false);
  });
});

describe('what a plain member dates back', () => {
  it('puts out nobody whom another member has invited', () => {
    const invited = [...begun(), says(20, 'owner', 'n', 'member'), accepts(21, 'n'), says(30, 'n', 'v', 'member'), accepts(31, 'v')];
    expect(members(invited)).toContain('v:member');
    expect(members([...invited, says(10, 'm', 'v', 'observer')])).toContain('v:member');
    expect(members([...invited, says(30, 'm', 'v', 'observer')])).toContain('v:member');
    const observing = [
      ...begun(),
      says(20, 'owner', 'n', 'member'),
      accepts(21, 'n'),
      says(30, 'n', 'v', 'observer'),
      accepts(31, 'v', 'observer'),
    ];
    expect(members([...observing, says(10, 'm', 'v', 'member')])).toContain('v:member');
  });

  it('takes nothing from what a moderator has decided', () => {
    const observing = [...begun(), says(20, 'owner', 'v', 'observer'), accepts(30, 'v', 'observer')];
    expect(members([...observing, says(25, 'm', 'v', 'member')])).toContain('v:observer');
    expect(members([...observing, says(10, 'm', 'v', 'member')])).toContain('v:observer');
    const demoted = [...begun(), says(20, 'owner', 'v', 'moderator'), says(25, 'owner', 'v', 'observer'), accepts(26, 'v', 'moderator')];
    expect(members(demoted)).toContain('v:observer');
  });

  it('does not come between an owner and its next key', () => {
    const handed = [...begun(), says(30, 'owner', 'next', 'owner', { successor: true }), accepts(31, 'next', 'owner')];
    expect(members(handed)).toEqual(['m:member', 'next:owner']);
    expect(members([...handed, says(10, 'm', 'next', 'observer')])).toEqual(['m:member', 'next:owner']);
  });

  it('by a moderator neither', () => {
    const handed = [
      ...begun(),
      says(4, 'owner', 'm', 'moderator'),
      says(30, 'owner', 'next', 'owner', { successor: true }),
      accepts(31, 'next', 'owner'),
    ];
    const sent = [says(10, 'm', 'next', 'member'), says(11, 'm', 'next', 'none')];
    expect(members([...handed, ...sent])).toEqual(['m:moderator', 'next:owner']);
  });
});

describe('who is sent away', () => {
  const sent = (): Entry[] => [...begun(), says(20, 'owner', 'm', 'none')];

  it('is so also under a key to which it has handed on its place before, by its own date', () => {
    const dodged = [...sent(), says(19, 'm', 'm2', 'member', { successor: true }), accepts(19.5, 'm2')];
    expect(members(dodged)).toEqual(['owner:owner']);
    expect(members([...dodged, says(19.6, 'm2', 'm3', 'member', { successor: true }), accepts(19.7, 'm3')])).toEqual(['owner:owner']);
    const { wrote } = replay('owner', dodged);
    expect(mightWrite(replay('owner', dodged), 'm2', 21)).toBe(false);
    expect(wrote.has('m2')).toBe(true);
  });

  it('keeps no role under another key that was taken from it', () => {
    const moderating = [...begun(), says(10, 'owner', 'm', 'moderator'), says(20, 'owner', 'm', 'observer')];
    const dodged = [...moderating, says(19, 'm', 'm2', 'moderator', { successor: true }), accepts(19.5, 'm2', 'moderator')];
    expect(members(dodged)).toEqual(['m2:observer', 'owner:owner']);
  });

  it('is so though it says that it had left before: no member brings it back', () => {
    const other = [says(4, 'owner', 'n', 'member'), accepts(5, 'n')];
    const left = [...sent(), ...other, says(19, 'm', 'm', 'none')];
    expect(members([...left, says(30, 'n', 'm', 'member')])).toEqual(['n:member', 'owner:owner']);
    expect(members([...left, says(30, 'owner', 'm', 'member')])).toEqual(['m:member?', 'n:member', 'owner:owner']);
    // Who has only left may be invited by anybody.
    expect(members([...begun(), ...other, says(19, 'm', 'm', 'none'), says(30, 'n', 'm', 'member')])).toContain('m:member?');
  });

  it('and its next key does not stand in the way of the one that took its place', () => {
    const twice = [
      ...begun(),
      says(10, 'm', 'm2', 'member', { successor: true }),
      accepts(11, 'm2'),
      says(12, 'm2', 'm', 'member', { successor: true }),
      accepts(13, 'm'),
      says(14, 'm', 'm', 'none'),
      says(15, 'owner', 'm2', 'none'),
    ];
    expect(members(twice)).toEqual(['owner:owner']);
  });
});

describe('a key that names itself, a member, or another role', () => {
  it('changes nothing', () => {
    expect(members([...begun(), says(10, 'm', 'm', 'member', { successor: true })])).toContain('m:member');
    expect(members([...begun(), says(10, 'm', 'owner', 'member', { successor: true })])).toEqual(['m:member', 'owner:owner']);
    expect(members([...begun(), says(10, 'm', 'next', 'owner', { successor: true })])).toEqual(['m:member', 'owner:owner']);
  });
});

describe('an acceptance', () => {
  it('counts once: said again with the same keys it is kept by nobody', () => {
    const again = [...begun(), accepts(10, 'm'), accepts(11, 'm')];
    expect(replay('owner', again).effective.length).toBe(3);
    expect(replay('owner', [...again, accepts(12, 'm', 'member', new Uint8Array(32).fill(1))]).effective.length).toBe(4);
  });
});

describe('a channel that members fill with what they sign', () => {
  const crypto = createCrypto();
  const channel = (): ClosedChannel =>
    new ClosedChannel({ crypto, keys: new KeyBook(crypto) }, { id: 'channel', creator: 'owner', nonce: '' });
  /** Members who invite whoever comes to their mind. */
  const flood = (members: number, each: number): Entry[] =>
    Array.from({ length: members }, (_, at) => at).flatMap((at) => [
      says(10, 'owner', `m${at}`, 'member'),
      accepts(11, `m${at}`),
      ...Array.from({ length: each }, (_, i) => says(12 + i / 1000, `m${at}`, `${at}-${i}`, 'observer')),
    ]);

  it('has room for owners to send them away', () => {
    const filled = channel();
    filled.merge([accepts(1, 'owner', 'owner'), says(2, 'owner', 'n', 'moderator'), accepts(3, 'n', 'moderator')]);
    filled.merge(flood(12, 300));
    const { length } = filled.signed();
    expect(length).toBeGreaterThan(500);
    expect(length).toBeLessThanOrEqual(900);
    expect(filled.merge([says(99, 'm1', 'too-many', 'observer')])).toBe(false);
    for (const who of ['m1', 'somebody']) expect(() => filled.checkRoom(who)).toThrow('as it can hold: begin a new one');
    for (const who of ['owner', 'n']) expect(() => filled.checkRoom(who)).not.toThrow();
    for (let at = 0; at < 12; at++) expect(filled.merge([says(100 + at, at % 2 === 0 ? 'owner' : 'n', `m${at}`, 'none')])).toBe(true);
    expect(filled.member('m11')).toBeUndefined();
  });

  it('also when it is filled by those who moderate', () => {
    const filled = channel();
    const two = ['n', 'o'];
    filled.merge([
      accepts(1, 'owner', 'owner'),
      ...two.flatMap((who) => [says(2, 'owner', who, 'moderator'), accepts(3, who, 'moderator')]),
    ]);
    filled.merge(two.flatMap((who) => Array.from({ length: 600 }, (_, i) => says(4 + i / 1000, who, `${who}${i}`, 'member'))));
    expect(filled.merge([says(50, 'o', 'one-more', 'member')])).toBe(false);
    expect(() => filled.checkRoom('o')).toThrow('as it can hold: begin a new one');
    for (const who of two) expect(filled.merge([says(100, 'owner', who, 'none')])).toBe(true);
    expect(filled.member('n')).toBeUndefined();
  });

  it('tells one who has said all that one may', () => {
    const filled = channel();
    filled.merge([accepts(1, 'owner', 'owner'), ...flood(1, 150)]);
    expect(filled.merge([says(99, 'm0', 'too-many', 'observer')])).toBe(false);
    expect(() => filled.checkRoom('m0')).toThrow('as one may: ask an owner');
    expect(() => filled.checkRoom('somebody')).not.toThrow();
  });

  it('takes as much from whoever tells all at once as it took one by one', () => {
    const [slowly, atOnce] = [channel(), channel()];
    const all = [accepts(1, 'owner', 'owner'), says(2, 'owner', 'n', 'owner'), accepts(3, 'n', 'owner'), ...flood(7, 90)];
    for (const entry of all) slowly.merge([entry]);
    atOnce.merge([...all].reverse());
    expect(atOnce.digest).toBe(slowly.digest);
    expect(atOnce.signed().length).toBe(all.length);
  });
});
