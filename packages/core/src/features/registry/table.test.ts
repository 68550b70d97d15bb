import { createCrypto, createRandom } from '@parley/host';
import { describe, expect, it } from 'vitest';
import { type RegistryConfig, registryDefaults } from './config.ts';
import { type Contact, ContactBook } from './contacts.ts';
import { commonPrefix, compareDistance, idInBucket } from './ids.ts';
import { ContactTable } from './table.ts';

const MINUTE = 60_000;
const crypto = createCrypto();
const random = createRandom();
const clock = { now: () => 0, monotonic: () => 0, after: () => ({ cancel() {} }) };
const book = new ContactBook(crypto, clock);
const SELF = new Uint8Array(16);
let count = 0;

function contact(bits: number): Contact {
  count++;
  const address = book.address(`10.${count >> 8}.${count & 255}.1:4000`);
  if (!address) throw new Error('no address');
  return { ...book.of(random.bytes(32), address), id: idInBucket(SELF, bits, random.bytes(16)) };
}

function table(changes: Partial<RegistryConfig> = {}): ContactTable {
  return new ContactTable(SELF, { ...registryDefaults, ...changes });
}

describe('entries of a table', () => {
  it('are asked whether they live once they were silent for long, the most silent first', () => {
    const contacts = table();
    const [first, second, third] = [contact(0), contact(1), contact(2)];
    contacts.proved(second, MINUTE);
    contacts.proved(first, 0);
    contacts.proved(third, 10 * MINUTE);
    expect(contacts.quiet(14 * MINUTE, 5)).toEqual([]);
    expect(contacts.quiet(15 * MINUTE, 5)).toEqual([first]);
    expect(contacts.quiet(16 * MINUTE, 5)).toEqual([first, second]);
    expect(contacts.quiet(16 * MINUTE, 1)).toEqual([first]);
    contacts.proved(first, 16 * MINUTE);
    expect(contacts.quiet(17 * MINUTE, 5)).toEqual([second]);
    contacts.proved(second, 17 * MINUTE);
    expect(contacts.quiet(24 * MINUTE, 5)).toEqual([]);
    expect(contacts.quiet(25 * MINUTE, 5)).toEqual([third]);
  });

  it('are asked at once where they have waited for a place', () => {
    const contacts = table({ k: 1 });
    const [entry, waiting] = [contact(0), contact(0)];
    contacts.proved(entry, 0);
    expect(contacts.proved(waiting, 1000).kind).toBe('waiting');
    expect(contacts.quiet(2000, 5)).toEqual([]);
    contacts.silent(entry);
    expect(contacts.silent(entry)).toBe(true);
    expect(contacts.all()).toEqual([waiting]);
    expect(contacts.quiet(3000, 5)).toEqual([waiting]);
  });
});

describe('buckets that nobody was looked up in', () => {
  it('are looked up in again, but for those that hold nothing beyond the k nearest', () => {
    const contacts = table({ k: 4 });
    for (const bits of [0, 0, 0, 1, 1, 2, 2, 3, 4, 9]) contacts.proved(contact(bits), 0);
    const prefixes = (now: number) => contacts.stale(now, MINUTE, random).map((target) => commonPrefix(SELF, target));
    // The fourth nearest is in bucket 2.
    expect(prefixes(0)).toEqual([0, 1, 2]);
    contacts.used(idInBucket(SELF, 1, random.bytes(16)), 0);
    expect(prefixes(MINUTE - 1)).toEqual([0, 2]);
    expect(prefixes(MINUTE)).toEqual([0, 1, 2]);
  });
});

describe('a newcomer', () => {
  it('is given what it is one of the nearest to, by the three nearest that have stood there for a while', () => {
    for (let round = 0; round < 200; round++) {
      const contacts = table({ k: 6, perNetwork: 100 });
      const [old, young] = [0, 1].map((age) => Array.from({ length: 8 }, () => ({ ...contact(Math.floor(6 * random.number())), age })));
      const entries = [...(old ?? []), ...(young ?? [])].filter((each) => contacts.proved(each, each.age * MINUTE).kind === 'added');
      const newcomer = entries.at(-1) as Contact;
      const target = random.bytes(16);
      const before = (a: Uint8Array, b: Uint8Array): boolean => compareDistance(target, a, b) < 0;
      const nearer = entries.filter(({ id, age }) => age === 0 && before(id, SELF)).length;
      const isNear = entries.filter(({ id }) => before(id, newcomer.id)).length < 6;
      expect(contacts.hands(target, newcomer, MINUTE + 9999)).toBe(nearer < 3 && isNear);
    }
  });

  it('is given nothing once it is gone', () => {
    const contacts = table();
    const newcomer = contact(3);
    contacts.proved(newcomer, 0);
    expect(contacts.hands(SELF, newcomer, 0)).toBe(true);
    contacts.silent(newcomer);
    contacts.silent(newcomer);
    expect(contacts.hands(SELF, newcomer, 0)).toBe(false);
  });
});
