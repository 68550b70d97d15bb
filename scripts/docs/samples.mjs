/** Inputs of the test vectors that need no key: what is to be taken, and what is to be refused. */

/** Numbers of RFC 8785 appendix B, as the bits of a double. */
export const DOUBLES = [
  '0000000000000000',
  '8000000000000000',
  '0000000000000001',
  '8000000000000001',
  '7fefffffffffffff',
  'ffefffffffffffff',
  '4340000000000000',
  'c340000000000000',
  '4430000000000000',
  '44b52d02c7e14af5',
  '44b52d02c7e14af6',
  '44b52d02c7e14af7',
  '444b1ae4d6e2ef4e',
  '444b1ae4d6e2ef4f',
  '444b1ae4d6e2ef50',
  '3eb0c6f7a0b5ed8c',
  '3eb0c6f7a0b5ed8d',
  '41b3de4355555553',
  '41b3de4355555554',
  '41b3de4355555555',
  '41b3de4355555556',
  '41b3de4355555557',
  'becbf647612f3696',
  '43143ff3c1cb0959',
];

/** JSON texts to be brought into canonical form. */
export const JSON_TEXTS = [
  '{ "b": 2, "a": 1 }',
  '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001,-0,1.0]}',
  '{"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
  '{"\\u20ac":"Euro","\\r":"CR","\\ufb33":"Dalet","1":"One","\\ud83d\\ude00":"Emoji","\\u0080":"Control","\\u00f6":"o"}',
  '{"b":[],"a":{},"":"","a b":{"z":{"y":[{"x":null}]}},"10":10,"9":9}',
  '{"twice":1,"twice":2}',
];

/** Bodies of frames that are no message of any verb, as hexadecimal bytes, with the reason. */
export const JSON_REFUSED = [
  { why: 'not UTF-8', hex: '7b2261223a22ff227d' },
  { why: 'a byte order mark', hex: 'efbbbf7b7d' },
  { why: 'not JSON', hex: '7b2761273a317d' },
  { why: 'nothing but white space', hex: '20' },
  { why: 'not an object', hex: '5b5d' },
  { why: 'a lone surrogate', hex: '7b2261223a225c7564383030227d' },
  { why: 'a lone surrogate in a key', hex: '7b225c7564633030223a317d' },
  { why: 'a key __proto__', hex: '7b225f5f70726f746f5f5f223a317d' },
  { why: 'a number beyond the range of a double', hex: '7b2261223a31653430307d' },
  { why: '17 levels', hex: `7b2261223a${'5b'.repeat(16)}${'5d'.repeat(16)}7d` },
];

/** Streams of bytes after which the connection is closed. */
export const STREAMS_REFUSED = [
  { why: 'a message of 1 MiB and a byte', hex: '00100001' },
  { why: 'a data frame of 1 MiB and a byte', hex: '80100001' },
  { why: 'a data frame without a transfer number', hex: '80000003000000' },
];

export const TIMESTAMPS = {
  good: ['2026-01-02T03:04:05.678Z', '1970-01-01T00:00:00.000Z', '2024-02-29T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  bad: [
    '2026-01-02T03:04:05Z',
    '2026-01-02T03:04:05.6789Z',
    '2026-01-02T03:04:05.678+00:00',
    '2026-01-02 03:04:05.678Z',
    '2026-1-2T03:04:05.678Z',
    '2026-02-29T00:00:00.000Z',
    '2026-02-30T00:00:00.000Z',
    '2026-13-01T00:00:00.000Z',
    '2026-01-01T24:00:00.000Z',
    '2026-01-01T23:59:60.000Z',
    '2026-01-02t03:04:05.678z',
    '+002026-01-02T03:04:05.678Z',
  ],
};

export const BASE64 = {
  good: ['', '00', 'ff', '0001', 'fbefbe', 'ffffffff', '000102030405060708090a0b0c0d0e0f'],
  bad: ['A', 'AA', 'AAA', 'AB==', 'AAB=', 'AA==AA==', 'AA=', 'A===', '-_8=', 'AAAA\n', ' AAAA', 'AA==\u0000', 'AAAAé'],
};

export const BASE64URL = {
  good: ['', '00', 'ff', 'fbefbe', 'ffffffff'],
  bad: ['A', 'AA==', 'AB', 'AAB', '+/8', 'AAAA\n'],
};

/** Raw keys, 32 bytes each: leading zeros are what goes wrong. None need be a point of the curve. */
export const RAW_KEYS = [
  '00'.repeat(32),
  `${'00'.repeat(31)}01`,
  `${'00'.repeat(30)}0100`,
  `0000${'ff'.repeat(30)}`,
  `00${'3a'.repeat(31)}`,
  'ff'.repeat(32),
  `01${'00'.repeat(31)}`,
];

/** What is no key id, though it looks like one. */
export const KEY_IDS_BAD = [
  'key_',
  `key_${'1'.repeat(31)}`,
  `key_${'1'.repeat(33)}`,
  `key_${'z'.repeat(44)}`,
  `KEY_${'1'.repeat(32)}`,
  `key_${'1'.repeat(31)}0`,
  `key_${'1'.repeat(31)}l`,
  `${'1'.repeat(32)}`,
];

export const NAMES = {
  good: ['ann', 'Änne', '李', 'Ann Smith', 'x'.repeat(64), '\u{1F44B}'.repeat(64), "o'Neil", '-'],
  bad: [
    '',
    ' ',
    ' ann',
    'ann ',
    'a#b',
    'a\u0000b',
    'a\nb',
    'a\u0085b',
    'x'.repeat(65),
    'a\u202eb',
    'a\u200bb',
    'a\u2028b',
    '\ufeffann',
    '\u2060',
  ],
};

export const GUIDS = {
  good: ['00000000-0000-0000-0000-000000000000', '6f1c3c0a-5b7e-4a54-9d0e-2b1f6a7c8d90'],
  bad: [
    '6F1C3C0A-5B7E-4A54-9D0E-2B1F6A7C8D90',
    '{6f1c3c0a-5b7e-4a54-9d0e-2b1f6a7c8d90}',
    '6f1c3c0a5b7e4a549d0e2b1f6a7c8d90',
    '6f1c3c0a-5b7e-4a54-9d0e-2b1f6a7c8d9',
    '6f1c3c0a-5b7e-4a54-9d0e-2b1f6a7c8d90 ',
  ],
};
