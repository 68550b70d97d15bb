import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Entry, Role } from './entry.ts';
import { founding, inParts } from './founding.ts';
import { replay } from './roles.ts';

const KEY = new Uint8Array(32);
const ROLES: readonly (Role | 'none')[] = ['owner', 'moderator', 'member', 'observer', 'none'];

/** What happens in a channel of some keys: who says what of whom, whether or not they may. */
const lives = fc.array(
  fc.record({ signer: fc.nat(9), member: fc.nat(9), role: fc.constantFrom(...ROLES), successor: fc.boolean(), settings: fc.nat(9) }),
  { maxLength: 120 },
);

function entriesOf(life: { signer: number; member: number; role: Role | 'none'; successor: boolean; settings: number }[]): Entry[] {
  const first: Entry[] = [];
  const name = (key: number): string => `k${key}`;
  const add = (signer: string, member: string, role: Role | 'none', successor = false): void => {
    const time = first.length;
    const digest = String(time).padStart(16, '0');
    const sealingKey = signer === member && role !== 'none' ? KEY : undefined;
    first.push({ kind: 'role', signed: digest, digest, signer, time, member, role, sealingKey, successor, person: undefined });
  };
  add('k0', 'k0', 'owner');
  for (const { signer, member, role, successor, settings } of life) {
    if (settings === 0) {
      const time = first.length;
      const digest = String(time).padStart(16, '0');
      first.push({ kind: 'settings', signed: digest, digest, signer: name(signer), time, name: `name ${time}`, history: 'all' });
    }
    add(name(signer), name(member), role, successor && signer !== member);
    // Most who are invited come.
    if (signer !== member && role !== 'none' && member % 3 > 0) add(name(member), name(member), role);
  }
  return first;
}

it('shows of keys what all entries show of them, and the name', () => {
  fc.assert(
    fc.property(lives, fc.nat(9), fc.nat(9), (life, a, b) => {
      const all = replay('k0', entriesOf(life));
      const keys = [`k${a}`, `k${b}`];
      const some = replay('k0', founding(all.effective, keys));
      for (const key of keys) expect(some.members.get(key)).toEqual(all.members.get(key));
      expect(some.name).toBe(all.name);
    }),
    { numRuns: 500 },
  );
});

it('is cut into parts which are all entries together, each with what shows the keys', () => {
  const long = (entry: Entry): Entry => ({ ...entry, signed: entry.digest.padEnd(1000, '.') });
  const life = Array.from({ length: 450 }, (_, i) => [`m${i}`]).flat();
  const entries: Entry[] = [];
  const say = (signer: string, member: string, role: Role): void => {
    const digest = String(entries.length).padStart(16, '0');
    const sealingKey = signer === member ? KEY : undefined;
    entries.push(
      long({
        kind: 'role',
        signed: '',
        digest,
        signer,
        time: entries.length,
        member,
        role,
        sealingKey,
        successor: false,
        person: undefined,
      }),
    );
  };
  say('k0', 'k0', 'owner');
  for (const member of life) {
    say('k0', member, 'member');
    say(member, member, 'member');
  }
  say('m7', 'new', 'member');
  const parts = inParts(entries, ['m7', 'new']);
  expect(parts.length).toBeGreaterThan(3);
  for (const part of parts) {
    expect(part.length).toBeLessThan(300);
    const { members } = replay('k0', part);
    expect(members.get('m7')?.joined).toBe(true);
    expect(members.get('new')?.joined).toBe(false);
  }
  const together = new Map(parts.flat().map((entry) => [entry.digest, entry]));
  expect(replay('k0', together.values())).toEqual(replay('k0', entries));
});
