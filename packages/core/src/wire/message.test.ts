import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from './json.ts';
import { head, MAX_VIA, MAX_VIA_BYTES, parseTimestamp, TOWARD_BYTES, timestamp } from './message.ts';

const GUID = '01234567-89ab-8cde-8f01-23456789abcd';

describe('timestamps', () => {
  it.each(['1970-01-01T00:00:00.000Z', '2024-02-29T23:59:59.999Z', '0000-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z'])(
    'take %s',
    (text) => {
      const ms = parseTimestamp(text);
      expect(ms).toBe(Date.parse(text));
      expect(timestamp(ms ?? Number.NaN)).toBe(text);
    },
  );

  it.each([
    ['no text', ''],
    ['words', 'yesterday'],
    ['no milliseconds', '2026-01-01T00:00:00Z'],
    ['two digits of them', '2026-01-01T00:00:00.00Z'],
    ['microseconds', '2026-01-01T00:00:00.000000Z'],
    ['a comma', '2026-01-01T00:00:00,000Z'],
    ['a space', '2026-01-01 00:00:00.000Z'],
    ['small letters', '2026-01-01t00:00:00.000z'],
    ['a zone', '2026-01-01T00:00:00.000+00:00'],
    ['no zone', '2026-01-01T00:00:00.000'],
    ['a date alone', '2026-01-01'],
    ['the 30th of February', '2026-02-30T00:00:00.000Z'],
    ['the 29th of February in another year', '2026-02-29T00:00:00.000Z'],
    ['a 13th month', '2026-13-01T00:00:00.000Z'],
    ['a month of nothing', '2026-00-01T00:00:00.000Z'],
    ['midnight as 24', '2026-01-01T24:00:00.000Z'],
    ['a leap second', '2016-12-31T23:59:60.000Z'],
    ['a year of six digits', '+010000-01-01T00:00:00.000Z'],
    ['something behind', '2026-01-01T00:00:00.000Z '],
  ])('refuse %s', (_, text) => {
    expect(parseTimestamp(text)).toBeUndefined();
  });

  it('are one text for each millisecond', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true }), (date) => {
        expect(parseTimestamp(timestamp(date.getTime()))).toBe(date.getTime());
      }),
    );
  });
});

describe('the head of a message', () => {
  const good = { msg_type: 'JOIN', msg_data: {}, ttl: 1, flood: false };
  const auth = { key: `key_${'1'.repeat(32)}`, time: '2026-01-01T00:00:00.000Z', sig: `${'A'.repeat(86)}==` };

  it.each([
    ['as S2 has it', {}],
    ['with members that it does not name', { hops: 3, trace: { a: [1] } }],
    ['with a negative ttl', { ttl: -1 }],
    ['with a huge ttl', { ttl: Number.MAX_SAFE_INTEGER }],
    ['with auth', { auth }],
    ['with auth that has more in it', { auth: { ...auth, note: 1 } }],
    ['with via', { via: [] }],
    ['with a long via', { via: Array.from({ length: MAX_VIA }, () => GUID) }],
    ['that forbids via', { via: false }],
  ])('fits %s', (_, changes) => {
    expect(head.check({ ...good, ...changes })).toBe(true);
  });

  it.each([
    ['msg_type', { msg_type: undefined }],
    ['msg_type', { msg_type: 'join' }],
    ['msg_type', { msg_type: '' }],
    ['msg_type', { msg_type: 'A'.repeat(33) }],
    ['msg_type', { msg_type: 'JOIN\n' }],
    ['msg_data', { msg_data: undefined }],
    ['msg_data', { msg_data: [] }],
    ['msg_data', { msg_data: null }],
    ['msg_data', { msg_data: '{}' }],
    ['ttl', { ttl: undefined }],
    ['ttl', { ttl: '1' }],
    ['ttl', { ttl: 1.5 }],
    ['ttl', { ttl: 1e300 }],
    ['flood', { flood: undefined }],
    ['flood', { flood: 'false' }],
    ['flood', { flood: 0 }],
    ['auth', { auth: null }],
    ['auth', { auth: {} }],
    ['auth', { auth: { ...auth, key: 'key_' } }],
    ['auth', { auth: { ...auth, key: `key_${'0'.repeat(40)}` } }],
    ['auth', { auth: { ...auth, time: '2026' } }],
    ['auth', { auth: { ...auth, sig: 'A' } }],
    ['via', { via: true }],
    ['via', { via: {} }],
    ['via', { via: ['me'] }],
    ['via', { via: Array.from({ length: MAX_VIA + 1 }, () => GUID) }],
  ])('is refused for its %s: %j', (_, changes) => {
    const value: unknown = parseJson(JSON.stringify({ ...good, ...changes }));
    expect(head.check(value)).toBe(false);
    expect(head.explain(value)).not.toBe('fits');
  });

  it('grows by no more than MAX_VIA_BYTES through via, and TOWARD_BYTES through toward', () => {
    const via = Array.from({ length: MAX_VIA }, () => GUID);
    expect(JSON.stringify({ ...good, via }).length - JSON.stringify(good).length).toBe(MAX_VIA_BYTES);
    expect(JSON.stringify({ ...good, toward: GUID }).length - JSON.stringify(good).length).toBe(TOWARD_BYTES);
  });
});
