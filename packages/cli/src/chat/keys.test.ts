import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Key, KeyDecoder } from './keys.ts';

function decode(...chunks: string[]): Key[] {
  const decoder = new KeyDecoder();
  return [...chunks.flatMap((chunk) => decoder.push(chunk)), ...decoder.flush()];
}

/** Texts next to each other are one. */
function joined(keys: readonly Key[]): Key[] {
  const result: Key[] = [];
  for (const key of keys) {
    const last = result.at(-1);
    if (key.key === 'text' && last?.key === 'text') result[result.length - 1] = { key: 'text', text: last.text + key.text };
    else result.push(key);
  }
  return result;
}

describe('KeyDecoder', () => {
  it.each([
    ['text and Enter in one chunk', 'hello\r', [{ key: 'text', text: 'hello' }, { key: 'enter' }]],
    ['arrows', '\u001b[A\u001bOB', [{ key: 'up' }, { key: 'down' }]],
    ['PageUp', '\u001b[5~', [{ key: 'page-up' }]],
    ['Alt-Enter', '\u001b\r', [{ key: 'newline' }]],
    ['Ctrl-J', '\n', [{ key: 'newline' }]],
    ['Ctrl-N and Ctrl-P', '\u000e\u0010', [{ key: 'next-channel' }, { key: 'previous-channel' }]],
    ['a lone Escape', '\u001b', [{ key: 'escape' }]],
    ['Escape twice', '\u001b\u001b', [{ key: 'escape' }, { key: 'escape' }]],
    ['an unknown sequence, as nothing', '\u001b[99;99xa', [{ key: 'text', text: 'a' }]],
    ['a name that objects have', '\u001bOtoString', [{ key: 'text', text: 'oString' }]],
    ['an unknown control, as nothing', '\u001ca', [{ key: 'text', text: 'a' }]],
  ] satisfies [string, string, Key[]][])('reads %s', (_, chunk, keys) => {
    expect(decode(chunk)).toEqual(keys);
  });

  it('reads a paste as one, with its line feeds and whatever else is in it', () => {
    expect(decode('a\u001b[200~one\rtwo\u001b[31m\u001b[201~b')).toEqual([
      { key: 'text', text: 'a' },
      { key: 'paste', text: 'one\rtwo\u001b[31m' },
      { key: 'text', text: 'b' },
    ]);
  });

  it('cuts a paste that never ends', () => {
    const decoder = new KeyDecoder();
    decoder.push('\u001b[200~');
    for (let i = 0; i < 100; i++) decoder.push('x'.repeat(10_000));
    const [key] = decoder.push('\u001b[201~');
    expect(key?.key === 'paste' && key.text.length).toBe(256 * 1024);
  });

  it('waits for the rest of a sequence, and says so', () => {
    const decoder = new KeyDecoder();
    expect(decoder.push('\u001b[')).toEqual([]);
    expect(decoder.pending).toBe(true);
    expect(decoder.push('5~')).toEqual([{ key: 'page-up' }]);
    expect(decoder.pending).toBe(false);
  });

  it('reads the same keys however the terminal cuts what it sends', () => {
    const unit = fc.constantFrom(
      'a',
      'é',
      '\u001b[A',
      '\u001b[200~',
      '\u001b[201~',
      '\u001b[5~',
      '\r',
      '\u001bb',
      '\u0003',
      '\u007f',
      '\u001b[1;5C',
    );
    fc.assert(
      fc.property(fc.array(unit), fc.array(fc.nat(40)), (units, cuts) => {
        const all = units.join('');
        const places = [...new Set(cuts.map((cut) => cut % (all.length + 1)))].sort((a, b) => a - b);
        const chunks = [...places, all.length].map((end, index) => all.slice(index === 0 ? 0 : places[index - 1], end));
        expect(joined(decode(...chunks))).toEqual(joined(decode(all)));
      }),
    );
  });

  it('makes something of anything', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const decoder = new KeyDecoder();
        decoder.push(text);
        decoder.flush();
        expect(decoder.pending).toBe(false);
      }),
    );
  });
});
