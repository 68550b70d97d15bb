import { equalBytes, errorCode, type Range, type Store, type StoreValue } from '@parley/core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { searchContract } from './search-contract.ts';
import { put, remove, StoreLab, type StoreSetup, TABLES } from './store-lab.ts';

const PRINTABLE = Array.from({ length: 0x7f - 0x20 }, (_, i) => String.fromCharCode(0x20 + i));
const MIB = 1024 * 1024;

function inRange(key: string, { gt, gte, lt, lte }: Range): boolean {
  return (
    (gt === undefined || key > gt) &&
    (gte === undefined || key >= gte) &&
    (lt === undefined || key < lt) &&
    (lte === undefined || key <= lte)
  );
}

/** What every store does (ports/store.ts). Each test gets a store of its own. */
export function storeContract(name: string, setup: () => Promise<StoreSetup>): void {
  describe(`store: ${name}`, () => {
    let lab: StoreLab;
    beforeEach(async () => {
      const made = await setup();
      lab = new StoreLab(made, await made.open(TABLES));
    });
    afterEach(async () => {
      await lab.setup.time.until(lab.store.close());
      await lab.setup.teardown();
    });

    describe('rows', () => {
      it('are put, changed and deleted', async () => {
        expect(await lab.store.get('plain', 'k')).toBeUndefined();
        await lab.commit(put('k', 'one'));
        expect(await lab.store.get('plain', 'k')).toBe('one');
        await lab.commit(put('k', 'two'));
        expect(await lab.store.get('plain', 'k')).toBe('two');
        await lab.commit(remove('k'), remove('never was there'));
        expect(await lab.store.get('plain', 'k')).toBeUndefined();
        expect(await lab.store.range('plain')).toEqual([]);
      });

      it('of different tables are different', async () => {
        await lab.commit(put('k', 'here'), put('k', 'there', 'other'));
        await lab.commit(remove('k', 'other'));
        expect([await lab.store.get('plain', 'k'), await lab.store.get('other', 'k')]).toEqual(['here', undefined]);
      });

      it.each<[string, StoreValue]>([
        ['text', 'Grüße \u0000 漢字 🎈'],
        ['empty text', ''],
        ['text that looks like a number', '007'],
        ['bytes', Uint8Array.from({ length: 256 }, (_, i) => i)],
        ['no bytes', new Uint8Array(0)],
        ['bytes that are part of a larger buffer', new Uint8Array([9, 1, 2, 9]).subarray(1, 3)],
        ['a long text', 'é'.repeat(MIB / 2)],
        ['many bytes', new Uint8Array(MIB).fill(7)],
      ])('hold %s', async (_, value) => {
        await lab.commit(put('k', value));
        const [got, rows] = [await lab.store.get('plain', 'k'), await lab.store.range('plain')];
        for (const found of [got, rows[0]?.value]) {
          if (typeof value === 'string') expect(found === value).toBe(true);
          else expect(found instanceof Uint8Array && equalBytes(found, value)).toBe(true);
        }
      });

      it('hold what they were given, whatever becomes of it in other hands', async () => {
        const bytes = Uint8Array.of(1, 2, 3);
        await lab.commit(put('k', bytes));
        bytes.fill(9);
        const first = await lab.store.get('plain', 'k');
        expect(first).toEqual(Uint8Array.of(1, 2, 3));
        if (first instanceof Uint8Array) first.fill(9);
        expect(await lab.store.get('plain', 'k')).toEqual(Uint8Array.of(1, 2, 3));
      });
    });

    it('holds the bytes of the moment of the commit, those of a Buffer too', async () => {
      const [bytes, buffer] = [Uint8Array.of(1, 2, 3), (globalThis.Buffer ?? Uint8Array).of(4, 5, 6)];
      const done = lab.store.commit([put('bytes', bytes), put('buffer', buffer)]);
      bytes.fill(9);
      buffer.fill(9);
      await lab.setup.time.until(done);
      const [held, heldToo] = [await lab.store.get('plain', 'bytes'), await lab.store.get('plain', 'buffer')];
      expect([new Uint8Array(held as Uint8Array), new Uint8Array(heldToo as Uint8Array)]).toEqual([
        Uint8Array.of(1, 2, 3),
        Uint8Array.of(4, 5, 6),
      ]);
    });

    describe('keys', () => {
      it('hold every printable ASCII character, in the order of their codes', async () => {
        await lab.commit(...[...PRINTABLE].reverse().map((character) => put(character)), put('a b'), put(`"';--%_\\`));
        expect(await lab.keys()).toEqual([...PRINTABLE, 'a b', `"';--%_\\`].sort());
        for (const character of PRINTABLE) expect(await lab.store.get('plain', character)).toBe(character);
      });

      it('have 1 to 512 characters', async () => {
        const long = 'k'.repeat(512);
        await lab.commit(put(long, 'long'));
        expect(await lab.store.get('plain', long)).toBe('long');
        for (const key of ['', `${long}k`, 'line\n', 'é', '\u007f', '\0']) {
          await expect(lab.commit(put(key)), JSON.stringify(key).slice(0, 20)).rejects.toMatchObject({ code: 'bad-argument' });
        }
        expect(await lab.keys()).toEqual([long]);
      });
    });

    describe('ranges', () => {
      it('keep to all bounds, either order and any limit', async () => {
        const model = ['a', 'aa', 'ab', 'b', 'b ', 'b~', 'c', 'ca', 'd'];
        await lab.commit(...model.map((key) => put(key)));
        const bound = fc.option(fc.constantFrom('', ' ', ...model, 'abc', 'bb', 'e', '~'), { nil: undefined });
        const ranges = fc.record({
          gt: bound,
          gte: bound,
          lt: bound,
          lte: bound,
          reverse: fc.boolean(),
          limit: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
        });
        await fc.assert(
          fc.asyncProperty(ranges, async (drawn) => {
            const range: Range = Object.fromEntries(Object.entries(drawn).filter(([, value]) => value !== undefined));
            const expected = model.filter((key) => inRange(key, range));
            expect(await lab.store.count('plain', range)).toBe(expected.length);
            if (range.reverse === true) expected.reverse();
            expect(await lab.keys(range)).toEqual(expected.slice(0, range.limit ?? 1000));
          }),
          { numRuns: 300 },
        );
      });

      it('give 1,000 rows unless told otherwise, and count them all', async () => {
        const keys = Array.from({ length: 1500 }, (_, i) => String(i).padStart(5, '0'));
        await lab.commit(...keys.map((key) => put(key)));
        expect(await lab.keys()).toEqual(keys.slice(0, 1000));
        expect(await lab.keys({ reverse: true })).toEqual(keys.slice(500).reverse());
        expect(await lab.keys({ limit: 2000 })).toEqual(keys);
        expect([await lab.store.count('plain'), await lab.store.count('plain', { gte: '00100', limit: 3 })]).toEqual([1500, 1400]);
      });

      it('bring the values', async () => {
        await lab.commit(put('a', 'text'), put('b', Uint8Array.of(1)));
        expect(await lab.store.range('plain')).toEqual([
          { key: 'a', value: 'text' },
          { key: 'b', value: Uint8Array.of(1) },
        ]);
      });
    });

    describe('commits', () => {
      it('may be empty', async () => {
        await lab.commit();
        expect(await lab.store.count('plain')).toBe(0);
      });

      it('apply their writes in order', async () => {
        await lab.commit(put('a', '1'), remove('a'), put('a', '2'), put('b', '1'), put('b', '2'), put('c', '1'), remove('c'));
        expect(await lab.store.range('plain')).toEqual([
          { key: 'a', value: '2' },
          { key: 'b', value: '2' },
        ]);
      });

      it('are all or nothing', async () => {
        await lab.commit(put('kept'));
        await expect(lab.commit(put('a'), remove('kept'), put('x', 'y', 'undeclared'), put('b'))).rejects.toMatchObject({
          code: 'bad-argument',
        });
        expect(await lab.keys()).toEqual(['kept']);
      });

      it('that fail do not take others along that were made together with them', async () => {
        const good = [lab.store.commit([put('a')]), lab.store.commit([put('b')])];
        const bad = lab.store.commit([put('c'), put('x', 'y', 'undeclared')]).then(() => 'done', errorCode);
        const more = lab.store.commit([put('d')]);
        await lab.setup.time.until(Promise.all([...good, more]));
        expect(await lab.setup.time.until(bad)).toBe('bad-argument');
        expect(await lab.keys()).toEqual(['a', 'b', 'd']);
      });

      it('made together are all there when they resolve, the last write of a key winning', async () => {
        const commits = Array.from({ length: 1000 }, (_, i) =>
          lab.store.commit([put('shared', String(i)), put(`own ${String(i).padStart(4, '0')}`, String(i))]),
        );
        await lab.setup.time.until(Promise.all(commits));
        expect(await lab.store.get('plain', 'shared')).toBe('999');
        expect(await lab.store.count('plain', { gte: 'own ', lt: 'own!' })).toBe(1000);
      });

      it('are never seen in part', async () => {
        const seen: string[] = [];
        const commits = Array.from({ length: 50 }, async (_, i) => {
          await lab.store.commit([put('x', String(i)), put('y', String(i))]);
        });
        const readings = Array.from({ length: 50 }, async () => {
          const [x, y] = await lab.store.range('plain');
          if (x?.value !== y?.value) seen.push(`${x?.value} and ${y?.value}`);
        });
        await lab.setup.time.until(Promise.all([...commits, ...readings]));
        expect(seen).toEqual([]);
        expect(await lab.store.get('plain', 'x')).toBe('49');
      });
    });

    describe('opening again', () => {
      it('finds everything as it was', async () => {
        const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
        await lab.commit(put('text', 'Grüße'), put('bytes', bytes), put('gone'));
        await lab.commit({ op: 'put', table: 'texts', key: '1', value: 'v', text: 'some words' }, remove('gone'));
        await lab.reopen();
        expect(await lab.store.range('plain')).toEqual([
          { key: 'bytes', value: bytes },
          { key: 'text', value: 'Grüße' },
        ]);
        expect(await lab.store.search('texts', 'words')).toEqual(['1']);
      });

      it('may declare more tables', async () => {
        await lab.commit(put('k'));
        await lab.reopen([...TABLES, { name: 'new_one' }, { name: 'new_texts', searchable: true }]);
        await lab.commit(put('k', 'v', 'new_one'), { op: 'put', table: 'new_texts', key: '1', value: 'v', text: 'words' });
        expect([await lab.store.get('plain', 'k'), await lab.store.get('new_one', 'k')]).toEqual(['k', 'v']);
        expect(await lab.store.search('new_texts', 'words')).toEqual(['1']);
      });

      it('does not take a table for one of another kind', async () => {
        await lab.setup.time.until(lab.store.close());
        for (const table of [{ name: 'plain', searchable: true }, { name: 'texts' }]) {
          await expect(lab.setup.open([table])).rejects.toMatchObject({ code: 'unsupported' });
        }
        lab.store = await lab.setup.open(TABLES);
      });

      it('is not possible while it is open', async () => {
        await expect(lab.setup.open(TABLES)).rejects.toMatchObject({ code: 'in-use' });
        await lab.commit(put('still works'));
      });

      it('finds a commit that was made before the store closed, if it was said to be done', async () => {
        const commit = lab.store.commit([put('k')]).then(() => 'done', errorCode);
        await lab.reopen();
        const outcome = await lab.setup.time.until(commit);
        expect(['done', 'closed']).toContain(outcome);
        expect(await lab.keys()).toEqual(outcome === 'done' ? ['k'] : []);
      });
    });

    describe('wrong use', () => {
      const calls: [string, (store: Store, table: string) => Promise<unknown>][] = [
        ['get', (store, table) => store.get(table, 'k')],
        ['range', (store, table) => store.range(table)],
        ['count', (store, table) => store.count(table)],
        ['search', (store, table) => store.search(table, 'word')],
        ['commit', (store, table) => store.commit([put('k', 'v', table)])],
      ];

      it.each(calls)('%s of a table that was not declared is refused', async (_, call) => {
        for (const table of ['undeclared', '', 'plain"; DROP TABLE plain; --', '__proto__', 'sqlite_master']) {
          await expect(lab.setup.time.until(call(lab.store, table)), table).rejects.toMatchObject({ code: 'bad-argument' });
        }
      });

      it.each(calls)('%s after close fails', async (_, call) => {
        await lab.setup.time.until(lab.store.close());
        await expect(lab.setup.time.until(call(lab.store, 'texts'))).rejects.toMatchObject({ code: 'closed' });
      });

      it('closing twice is none', async () => {
        await lab.setup.time.until(Promise.all([lab.store.close(), lab.store.close()]));
        await lab.setup.time.until(lab.store.close());
      });
    });

    it('tells a size that grows with what it holds', async () => {
      const before = lab.store.size();
      await lab.commit(put('k', new Uint8Array(4 * MIB)));
      expect(lab.store.size() - before).toBeGreaterThanOrEqual(2 * MIB);
    });

    searchContract(() => lab);
  });
}
