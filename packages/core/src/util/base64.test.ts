import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64, base64OfText, base64url, fromBase64, fromBase64url } from './base64.ts';
import { utf8 } from './bytes.ts';

describe('base64', () => {
  // RFC 4648, section 10.
  it.each([
    ['', '', ''],
    ['f', 'Zg==', 'Zg'],
    ['fo', 'Zm8=', 'Zm8'],
    ['foo', 'Zm9v', 'Zm9v'],
    ['foob', 'Zm9vYg==', 'Zm9vYg'],
    ['fooba', 'Zm9vYmE=', 'Zm9vYmE'],
    ['foobar', 'Zm9vYmFy', 'Zm9vYmFy'],
  ])('writes and reads %j as RFC 4648 has it', (text, standard, url) => {
    const bytes = new TextEncoder().encode(text);
    expect(base64(bytes)).toBe(standard);
    expect(base64url(bytes)).toBe(url);
    expect(fromBase64(standard)).toEqual(bytes);
    expect(fromBase64url(url)).toEqual(bytes);
  });

  it.each([
    'Z',
    'Zg',
    'Zg=',
    'Zg===',
    'Zm8',
    'Zm8==',
    '=',
    '==',
    '====',
    'A===',
    'Zg==Zg==',
    'Zm=v',
    'Zm9v\n',
    ' Zm9v',
    'Zm9-',
    'Zm9_',
    'Zmé=',
    'Zm9v====',
    'Zh==',
    'Zm9=',
  ])('refuses %j', (text) => {
    expect(fromBase64(text)).toBeUndefined();
  });

  it.each(['Z', 'Zg==', 'Zm8=', 'Zm9+', 'Zm9/', 'Zh', 'Zm9', 'Zg\n', 'Zg ', 'ZmZ\u0100', '.'])('without padding refuses %j', (text) => {
    expect(fromBase64url(text)).toBeUndefined();
  });

  it.each([8188, 8192, 8196, 20_000])('reads %i characters, and finds what is wrong with the first or the last of them', (length) => {
    const bytes = Uint8Array.from({ length: (length / 4) * 3 }, (_, i) => (i * 7) & 255);
    const text = base64url(bytes);
    expect(fromBase64url(text)).toEqual(bytes);
    for (const bad of ['é', '\u{1f600}', '\ud800', '=']) {
      expect(fromBase64url(bad + text.slice(bad.length))).toBeUndefined();
      expect(fromBase64url(text.slice(0, -bad.length) + bad)).toBeUndefined();
    }
  });

  it.each(['', 'a', 'ä€😀', '\ud800', 'x'.repeat(8192), 'x'.repeat(8193), 'ä'.repeat(4097)])('of a text is that of its UTF-8', (text) => {
    expect(base64OfText(text)).toBe(base64(utf8(text)));
  });

  it('has one text for each value, and the same as the platform', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(base64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
        expect(base64url(bytes)).toBe(Buffer.from(bytes).toString('base64url'));
        expect(fromBase64(base64(bytes))).toEqual(bytes);
        expect(fromBase64url(base64url(bytes))).toEqual(bytes);
      }),
    );
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9+/]{0,9}={0,2}$/), (text) => {
        const bytes = fromBase64(text);
        if (bytes) expect(base64(bytes)).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });
});
