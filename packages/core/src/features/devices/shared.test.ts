import { createCrypto } from '@parley/host';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Shared, type SharedRow } from './shared.ts';

const crypto = createCrypto();

describe('what devices share', () => {
  it('comes to the same, in whatever order they hear of it, however often', () => {
    const row = fc.record({
      key: fc.constantFrom('contact/a', 'contact/b', 'seen/a'),
      time: fc.integer({ min: 0, max: 3 }),
      value: fc.option(fc.constantFrom('1', '2', '3'), { nil: undefined }),
    });
    const heard = (rows: readonly SharedRow[]): Shared => {
      const shared = new Shared(10);
      for (const one of rows) if (shared.isNews(one)) shared.put(one);
      return shared;
    };
    fc.assert(
      fc.property(fc.array(row), fc.infiniteStream(fc.nat()), (rows, random) => {
        const first = heard(rows);
        const shuffled = [...rows, ...rows].map((one) => ({ one, at: random.next().value as number })).sort((a, b) => a.at - b.at);
        const second = heard(shuffled.map(({ one }) => one));
        // At one moment nothing and the empty text are the same word.
        expect(second.all()).toEqual(first.all());
        expect(second.digest(crypto)).toBe(first.digest(crypto));
      }),
    );
  });

  it('is said after what is known, whatever the clock says, and only when it is another word', () => {
    const shared = new Shared(10);
    expect(shared.say('contact/a', undefined, 100)).toBeUndefined();
    shared.put({ key: 'contact/a', time: 500, value: '1' });
    expect(shared.say('contact/a', '1', 1000)).toBeUndefined();
    expect(shared.say('contact/a', '2', 100)).toEqual({ key: 'contact/a', time: 501, value: '2' });
    expect(shared.say('contact/a', undefined, 1000)).toEqual({ key: 'contact/a', time: 1000, value: undefined });
  });

  it('is one of so many: others change what is known, and add nothing', () => {
    const shared = new Shared(2);
    for (const key of ['a', 'b']) shared.put({ key, time: 1, value: '1' });
    expect(shared.isNews({ key: 'c', time: 9, value: '1' })).toBe(false);
    expect(shared.say('c', '1', 9)).toBeUndefined();
    expect(shared.isNews({ key: 'a', time: 2, value: '1' })).toBe(true);
    expect(shared.say('a', '2', 9)).toBeDefined();
  });

  it('has another digest when anything of it is another', () => {
    const digest = (rows: readonly SharedRow[]): string => {
      const shared = new Shared(10);
      for (const row of rows) shared.put(row);
      return shared.digest(crypto);
    };
    const rows = [{ key: 'a', time: 1, value: '1' }] as const;
    const others = [[], [{ ...rows[0], key: 'b' }], [{ ...rows[0], time: 2 }], [{ ...rows[0], value: '2' }]] as const;
    expect(new Set([rows, ...others].map(digest)).size).toBe(5);
  });
});
