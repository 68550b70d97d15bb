import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { overlayDefaults } from './config.ts';
import { type Held, HeldIndex, newHeld } from './held.ts';
import { heldKey } from './held-keys.ts';
import { FOR_OTHERS } from './own-circuits.ts';

let made = 0;

function held(origin: string, about: Partial<Held> = {}): Held {
  const uid = `uid ${made++}`;
  return newHeld({ uid, key: uid, type: 'MESSAGE', origin, msgId: `id of ${uid}`, bytes: 100, at: 0, proved: true, ...about });
}

const no = (): boolean => false;
const yes = (): boolean => true;

describe('quotas', () => {
  const config = {
    ...overlayDefaults,
    destinationMessages: 8,
    destinationBytes: 2000,
    pairMessages: 3,
    pairBytes: 1000,
    totalMessages: 20,
    totalBytes: 5000,
    transitMessages: 10,
  };

  it('do not count as own what is sent for others', () => {
    const index = new HeldIndex(config);
    const own = { own: true, group: FOR_OTHERS };
    const [waiting] = ['a', 'b'].flatMap((destination) => index.add(held('self', own), [destination], 0));
    index.add(held('self', { own: true }), ['a'], 0);
    expect([index.ownSize, index.forOthers.size]).toEqual([1, 2]);
    if (waiting) index.remove(waiting);
    expect([index.ownSize, index.forOthers.size]).toEqual([1, 1]);
  });

  it('hold a pair, a destination and all to their bounds, and keep half for those whom the destination knows', () => {
    const index = new HeldIndex(config);
    const faults = (origin: string, favoured: () => boolean): string | undefined => index.quota('d', origin, 100, false, favoured);
    for (let i = 0; i < 3; i++) index.add(held('a'), ['d'], 0);
    expect(faults('a', yes)).toBe('quota-pair');
    expect(faults('b', no)).toBeUndefined();
    index.add(held('b'), ['d'], 0);
    expect(faults('c', no)).toBe('quota-destination');
    expect(faults('c', yes)).toBeUndefined();
    for (let i = 0; i < 4; i++) index.add(held(`f${i}`), ['d'], 0);
    expect(faults('c', yes)).toBe('quota-destination');
    expect(index.quota('e', 'c', 100, false, no)).toBeUndefined();
    for (let i = 0; i < 12; i++) index.add(held('x'), [`x${i}`], 0);
    expect(index.quota('e', 'c', 100, false, yes)).toBe('quota-total');
  });

  it('count bytes as well', () => {
    const index = new HeldIndex(config);
    index.add(held('a', { bytes: 950 }), ['d'], 0);
    expect(index.quota('d', 'a', 100, false, yes)).toBe('quota-pair');
    expect(index.quota('d', 'b', 100, false, no)).toBe('quota-destination');
    expect(index.quota('d', 'b', 100, false, yes)).toBeUndefined();
    expect(index.quota('d', 'b', 4100, true, yes)).toBe('quota-total');
  });

  it('count recipients, of whom a short message may have many, but not those of own messages', () => {
    const index = new HeldIndex({ ...config, totalRecipients: 6 });
    index.add(held('self', { own: true }), ['d', 'e', 'f'], 0);
    const [waiting] = index.add(held('a'), ['d', 'e', 'f'], 0);
    index.add(held('b'), ['d', 'e'], 0);
    expect(index.quota('g', 'c', 100, true, yes)).toBeUndefined();
    index.add(held('c'), ['g'], 0);
    expect(index.recipients).toBe(6);
    expect(index.quota('h', 'c', 100, true, yes)).toBe('quota-total');
    if (waiting) index.remove(waiting);
    expect(index.quota('h', 'c', 100, true, yes)).toBeUndefined();
  });

  it('let more wait for one who is present', () => {
    const index = new HeldIndex(config);
    for (let i = 0; i < 9; i++) index.add(held('a'), ['d'], 0);
    expect(index.quota('d', 'a', 100, true, no)).toBeUndefined();
    index.add(held('a'), ['d'], 0);
    expect(index.quota('d', 'a', 100, true, no)).toBe('quota-destination');
  });

  it('do not count own messages against a destination', () => {
    const index = new HeldIndex(config);
    for (let i = 0; i < 9; i++) index.add(held('self', { own: true }), ['d'], 0);
    expect(index.quota('d', 'a', 100, false, no)).toBeUndefined();
    expect(index.ownSize).toBe(9);
  });
});

describe('when all room is taken', () => {
  it('the oldest message of a stranger gives way, and a known one only to one that is known', () => {
    const index = new HeldIndex(overlayDefaults);
    const friend = held('friend', { favoured: true });
    const [first, second] = [held('stranger'), held('stranger')];
    const own = held('self', { own: true });
    for (const each of [own, friend, first, second]) index.add(each, ['d'], 0);
    expect(index.victim('new', false)).toBe(first);
    // Never the one for which room is made.
    expect(index.victim(first.uid, false)).toBe(second);
    for (const each of [first, second]) for (const waiting of [...each.waiting.values()]) index.remove(waiting);
    expect(index.victim('new', false)).toBeUndefined();
    expect(index.victim('new', true)).toBe(friend);
    for (const waiting of [...friend.waiting.values()]) index.remove(waiting);
    expect(index.victim('new', true)).toBeUndefined();
  });
});

describe('the index', () => {
  it('forgets a message with its last recipient, and counts right through everything', () => {
    const steps = fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.subarray(['d', 'e', 'f']), fc.boolean()), { maxLength: 20 });
    fc.assert(
      fc.property(steps, fc.infiniteStream(fc.nat()), (messages, order) => {
        const index = new HeldIndex(overlayDefaults);
        const waiting = messages.flatMap(([origin, to, own]) => index.add(held(origin, { own }), to.length > 0 ? to : ['d'], 0));
        const random = order[Symbol.iterator]();
        while (waiting.length > 0) {
          const [gone] = waiting.splice(random.next().value % waiting.length, 1);
          if (!gone) continue;
          const last = ![...waiting].some((other) => other.held === gone.held);
          expect(index.remove(gone)).toBe(last);
          expect(index.remove(gone)).toBe(false);
          expect(index.get(gone.held.uid)).toBe(last ? undefined : gone.held);
          const left = new Set(waiting.map((each) => each.held));
          expect(index.size).toBe(left.size);
          expect(index.bytes).toBe(left.size * 100);
          expect(index.ownSize).toBe([...left].filter((each) => each.own).length);
          expect(index.destinations().sort()).toEqual([...new Set(waiting.map((each) => each.destination))].sort());
          for (const id of index.destinations())
            expect(new Set(index.for(id))).toEqual(new Set(waiting.filter((each) => each.destination === id)));
        }
        expect(index.quota('d', 'a', 1, false, no)).toBeUndefined();
      }),
    );
  });

  it('keeps keys on disk in the order in which messages came', () => {
    const keys = [heldKey(999, 7, 'b'), heldKey(1000, 8, 'a'), heldKey(1000, 9, 'c'), heldKey(1_767_225_600_000, 10, 'a')];
    expect([...keys].sort()).toEqual(keys);
  });
});
