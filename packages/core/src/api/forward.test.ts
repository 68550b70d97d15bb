import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forwarded, forwardedParts } from './forward.ts';

const from = (name: string | undefined, text: string) => ({
  sender: { node_id: 'bob-id', display: 'bob#1a2b', present: true, ...(name === undefined ? {} : { name }) },
  text,
});

describe('a forwarded message', () => {
  it('is known again, with whoever wrote it and what they wrote', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ unit: 'binary' }), (given, text) => {
        const name = given.replaceAll('\n', ' ');
        expect(forwardedParts(forwarded(from(name, text)))).toEqual({ name, text });
      }),
    );
    expect(forwardedParts(forwarded(from(undefined, 'one\n\ntwo')))).toEqual({ name: 'bob#1a2b', text: 'one\n\ntwo' });
  });

  it.each(['', '**bob** wrote:', '**bob** wrote:\nno quote', '**bob** wrote:\n> a quote\nand more', 'x **bob** wrote:\n> a', '> a quote'])(
    '%j is none',
    (text) => {
      expect(forwardedParts(text)).toBeUndefined();
    },
  );
});
