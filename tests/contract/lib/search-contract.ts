import { type StoreWrite, searchWords } from '@parley/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StoreLab } from './store-lab.ts';

function text(key: string, content: string): StoreWrite {
  return { op: 'put', table: 'texts', key, value: `value of ${key}`, text: content };
}

/** What the port says of search, in the simplest words. */
function fits(content: string, query: string): boolean {
  const words = searchWords(content);
  const wanted = searchWords(query);
  const last = wanted.pop();
  return last !== undefined && wanted.every((word) => words.includes(word)) && words.some((word) => word.startsWith(last));
}

/** The part of the store contract that is about full-text search. */
export function searchContract(lab: () => StoreLab): void {
  describe('search', () => {
    const search = (query: string, options?: { prefix?: string; limit?: number }): Promise<string[]> =>
      lab().store.search('texts', query, options);

    it('finds rows with every word, the latest key first', async () => {
      await lab().commit(text('1', 'the quick brown fox'), text('3', 'the lazy dog'), text('2', 'a quick dog'));
      expect(await search('the')).toEqual(['3', '1']);
      expect(await search('dog quick')).toEqual(['2']);
      expect(await search('quick fox dog')).toEqual([]);
      expect(await search('cat')).toEqual([]);
    });

    it('finds a row by what it says now, whatever was written to other tables since', async () => {
      const commit = (...writes: StoreWrite[]): Promise<void> => lab().commit(...writes);
      const other = (table: string, key: string): StoreWrite => ({ op: 'put', table, key, value: '' });
      await commit(text('1', 'first words'));
      for (const [index, table] of ['other', 'other', 'plain', 'plain', 'plain'].entries()) {
        await commit(other(table, `${index}`));
        await commit(text('1', `words number${index}`));
        expect(await search('first')).toEqual([]);
        for (let before = 0; before < index; before += 1) expect(await search(`number${before}`)).toEqual([]);
        expect(await search(`number${index}`)).toEqual(['1']);
      }
      await commit(text('2', 'second'), text('1', ''));
      expect(await search('second')).toEqual(['2']);
      expect(await search('words')).toEqual([]);
    });

    it('takes the last word, and only that, as a beginning', async () => {
      await lab().commit(text('1', 'quick brown fox'));
      expect(await search('brown qu')).toEqual(['1']);
      expect(await search('qu brown')).toEqual([]);
      expect(await search('uick')).toEqual([]);
      expect(await search('brownie')).toEqual([]);
    });

    it('folds case, accents and forms of letters', async () => {
      await lab().commit(text('1', 'Ein CAFÉ in der Straße'), text('2', 'ΟΔΟΣ Ångström ﬁne'), text('3', 'zu Fuß in İstanbul'));
      for (const query of ['cafe', 'Café', 'CAFE\u0301', 'strasse', 'STRAßE']) expect(await search(query), query).toEqual(['1']);
      for (const query of ['οδός', 'angstrom', 'FINE']) expect(await search(query), query).toEqual(['2']);
      for (const query of ['fuss', 'istanbul']) expect(await search(query), query).toEqual(['3']);
    });

    it('finds words of scripts that put no space between them', async () => {
      await lab().commit(text('1', '我住在北京。'), text('2', '東京タワー'));
      expect(await search('北京')).toEqual(['1']);
      expect(await search('京')).toEqual(['2', '1']);
      expect(await search('タワー')).toEqual(['2']);
    });

    it.each([
      ['', []],
      ['   ', []],
      ['"', []],
      ['*', []],
      ['-', []],
      ["'; --", []],
      ['\u0000', []],
      ['\ud800', []],
      ['"quick"', ['1']],
      ['"quick', ['1']],
      ['NEAR(', ['2']],
      ['NEAR(quick fox)', []],
      ['quick OR dog', []],
      ['quick NOT fox', []],
      ['quick AND fox', []],
      ['quick -fox', ['1']],
      ['+quick', ['1']],
      ['^quick', ['1']],
      ['{quick}:fox', ['1']],
      ['words:fox', []],
      ['qui*', ['1']],
      ['quick\u0000fox', ['1']],
      ['%', []],
      ['qui_k', []],
      ['fox\\', ['1']],
      ['not near', ['2']],
    ])('sees nothing but words in %j', async (query, found) => {
      await lab().commit(text('1', 'a quick fox'), text('2', 'near, not far: and/or'));
      expect(await search(query)).toEqual(found);
    });

    it('takes long queries, of 200 words at most', async () => {
      const words = Array.from({ length: 201 }, (_, i) => `w${i}`);
      await lab().commit(text('1', words.join(' ')));
      expect(await search(words.slice(0, 200).join(' '))).toEqual(['1']);
      await expect(search(words.join(' '))).rejects.toMatchObject({ code: 'bad-argument' });
      expect(await search('x'.repeat(100_000))).toEqual([]);
    });

    it('follows changes and deletions of rows', async () => {
      await lab().commit(text('1', 'first words'), text('2', 'first words'));
      await lab().commit(text('1', 'second thoughts'));
      expect(await search('first')).toEqual(['2']);
      expect(await search('second')).toEqual(['1']);
      await lab().commit({ op: 'put', table: 'texts', key: '1', value: 'a value without text' });
      expect(await search('second')).toEqual([]);
      expect(await lab().store.get('texts', '1')).toBe('a value without text');
      await lab().commit({ op: 'delete', table: 'texts', key: '2' });
      expect(await search('first')).toEqual([]);
      await lab().commit(text('2', 'back again'));
      expect(await search('back')).toEqual(['2']);
    });

    it('follows changes within one commit', async () => {
      await lab().commit(
        text('1', 'old'),
        text('1', 'new'),
        text('2', 'gone'),
        { op: 'delete', table: 'texts', key: '2' },
        text('3', 'gone'),
        { op: 'delete', table: 'texts', key: '3' },
        text('3', 'returned'),
      );
      expect([await search('old'), await search('new'), await search('gone'), await search('returned')]).toEqual([[], ['1'], [], ['3']]);
    });

    it('does not look at values', async () => {
      await lab().commit({ op: 'put', table: 'texts', key: '1', value: 'hidden', text: 'shown' });
      expect([await search('hidden'), await search('shown')]).toEqual([[], ['1']]);
    });

    it('keeps to a prefix of keys, in which no character is special', async () => {
      const keys = ['a', 'a_1', 'a_2', 'ab1', 'a%1', 'b_1', "a'1", 'a~', 'a~~', 'A_1'];
      await lab().commit(...keys.map((key) => text(key, 'word')));
      for (const prefix of ['', 'a', 'a_', 'a%', "a'", 'a~', 'A', 'c', 'a_1x']) {
        const expected = keys
          .filter((key) => key.startsWith(prefix))
          .sort()
          .reverse();
        expect(await search('word', { prefix }), prefix).toEqual(expected);
      }
    });

    it('keeps to a limit, after the order', async () => {
      const keys = Array.from({ length: 300 }, (_, i) => String(i).padStart(3, '0'));
      await lab().commit(...keys.map((key) => text(key, `word ${key}`)));
      expect(await search('word', { limit: 3 })).toEqual(['299', '298', '297']);
      expect(await search('word', { limit: 3, prefix: '1' })).toEqual(['199', '198', '197']);
      expect(await search('word', { limit: 1000 })).toEqual([...keys].reverse());
    });

    it('finds what was made last, where the order is known', async () => {
      const { store } = lab();
      if (!store.searchLatest) return;
      const latest = (query: string, limit = 100): Promise<string[]> => store.searchLatest?.('texts', query, limit) ?? Promise.resolve([]);
      await lab().commit(text('2', 'a quick fox'), text('9', 'a quick dog'));
      await lab().commit(text('5', 'quickly'));
      await lab().commit(text('2', 'a quick old fox'), { op: 'delete', table: 'texts', key: '9' });
      expect(await latest('quick')).toEqual(['5', '2']);
      expect(await latest('quick', 1)).toEqual(['5']);
      expect(await latest('a quick')).toEqual(['2']);
      expect(await latest('dog')).toEqual([]);
      expect(await latest('  ')).toEqual([]);
      expect(await latest('quick', 0)).toEqual([]);
      await expect(latest('x '.repeat(201))).rejects.toMatchObject({ code: 'bad-argument' });
    });

    it('says the same as its definition, for any text and query', async () => {
      const word = fc.constantFrom('a', 'ab', 'abc', 'b', 'É', 'e', 'né', 'ß', 'ss', '京', '東京', '1', '12', 'or', 'near');
      const glue = fc.constantFrom(' ', '-', '. ', '"', '*', '', '(');
      const sentence = fc.array(fc.tuple(word, glue), { maxLength: 6 }).map((parts) => parts.flat().join(''));
      const contents = fc.sample(sentence, { numRuns: 60, seed: 1 });
      await lab().commit(...contents.map((content, index) => text(String(index).padStart(3, '0'), content)));
      await fc.assert(
        fc.asyncProperty(sentence, async (query) => {
          const expected = contents.flatMap((content, index) => (fits(content, query) ? [String(index).padStart(3, '0')] : [])).reverse();
          expect(await search(query, { limit: 1000 })).toEqual(expected);
        }),
        { numRuns: 200 },
      );
    });
  });
}
