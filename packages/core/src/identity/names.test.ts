import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkName, displayName, nameFault } from './names.ts';

describe('names', () => {
  it('may be anything that people are called', () => {
    for (const name of ['a', 'Anna', 'Ólafur Jónsson', '山田太郎', 'نگار می\u200cخواهد', "O'Neil-2", '👩\u200d🚀', '𝔛'.repeat(64)]) {
      expect(nameFault(name), name).toBeUndefined();
    }
  });

  it('hold nothing that hides or reorders text', () => {
    const bad = [
      '',
      ' ',
      ' a',
      'a ',
      'a#b',
      'a\nb',
      'a\u0000',
      'a\u202eb',
      'a\u2066b',
      '\u200f',
      'a\u200bb',
      '\ud800',
      'a\u2028b',
      '\ufeffa',
      '\u200d',
    ];
    for (const name of [...bad, 'a'.repeat(65), '𝔛'.repeat(65), 'a'.repeat(100_000)])
      expect(nameFault(name), JSON.stringify(name)).toBeDefined();
  });

  it('are trimmed and composed when a person types them', () => {
    expect(checkName('  Jose\u0301 ')).toBe('José');
    expect(() => checkName('a#b')).toThrow(expect.objectContaining({ code: 'bad-argument' }));
  });

  it('pass once checked', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 70 }), (typed) => {
        let name: string;
        try {
          name = checkName(typed);
        } catch {
          return;
        }
        expect(nameFault(name)).toBeUndefined();
        expect(checkName(name)).toBe(name);
      }),
    );
  });

  it('are shown with digits of the node id', () => {
    const nodeId = '1a2b3c4d-5e6f-8a7b-8c9d-0e1f2a3b4c5d';
    expect(displayName('anna', nodeId)).toBe('anna#1a2b');
    expect(displayName('anna', nodeId, 10)).toBe('anna#1a2b3c4d5e');
  });
});
