import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyIdOf, nameFault } from '../../identity/index.ts';
import { ParleyError } from '../../util/errors.ts';
import { contactLink, parseContactLink } from './link.ts';

const keyId = keyIdOf(new Uint8Array(32).fill(7));

describe('the link to a contact', () => {
  it('says the same back, whatever the name', () => {
    const names = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 64 })
      .filter((name) => nameFault(name) === undefined && name === name.normalize('NFC'));
    fc.assert(
      fc.property(names, (name) => {
        expect(parseContactLink(contactLink({ keyId, name }))).toEqual({ keyId, name });
      }),
    );
    expect(parseContactLink(contactLink({ keyId }))).toEqual({ keyId });
  });

  it('is a key id, a link, or the address of a web app', () => {
    const expected = { keyId, name: 'Ann Bée' };
    expect(parseContactLink(` ${keyId}\n`)).toEqual({ keyId });
    expect(parseContactLink(`parley:contact/${keyId}?name=Ann%20B%C3%A9e`)).toEqual(expected);
    expect(parseContactLink(`parley://contact/${keyId}?name=Ann+B%C3%A9e`)).toEqual(expected);
    expect(parseContactLink(`https://chat.example.org/#contact/${keyId}?x=1&name=Ann%20B%C3%A9e`)).toEqual(expected);
    expect(parseContactLink(`http://127.0.0.1:8080/app#/contact/${keyId}`)).toEqual({ keyId });
  });

  it('brings no name that could pass for another', () => {
    for (const name of ['a%23b', '%E2%80%AEnna', '%00', '%ZZ', 'x'.repeat(65), '']) {
      expect(parseContactLink(`parley:contact/${keyId}?name=${name}`)).toEqual({ keyId });
    }
  });

  it('is nothing else', () => {
    for (const text of [
      '',
      'ann',
      `${keyId}x`,
      `javascript:contact/${keyId}`,
      `https://x/contact/${keyId}`,
      'parley:contact/',
      `parley:room/${keyId}`,
    ]) {
      expect(() => parseContactLink(text), text).toThrow(ParleyError);
    }
    expect(() => parseContactLink(`parley:contact/${keyId}?name=${'x'.repeat(3000)}`)).toThrow(ParleyError);
  });
});
