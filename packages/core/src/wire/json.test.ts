import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, fromHex, utf8 } from '../util/bytes.ts';
import { type ErrorCode, errorCode } from '../util/errors.ts';
import { canonicalJson, isLongerAsJson, isWellFormed, type JsonValue, MAX_NESTING, parseJson } from './json.ts';

function codeOf(run: () => unknown): ErrorCode | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return errorCode(error);
  }
}

/** Bytes with a text around them: `{"a":"` … `"}`. */
const inString = (...bytes: number[]): Uint8Array => concat(utf8('{"a":"'), Uint8Array.from(bytes), utf8('"}'));
const nested = (depth: number): string => `${'{"a":'.repeat(depth - 1)}{}${'}'.repeat(depth - 1)}`;

describe('parseJson', () => {
  it.each([
    ['nothing', ''],
    ['a space', ' '],
    ['a word', 'null'],
    ['a number', '1'],
    ['a string', '"a"'],
    ['an array', '[{}]'],
    ['half an object', '{"a":1'],
    ['two objects', '{}{}'],
    ['a trailing comma', '{"a":1,}'],
    ['a comment', '{/* */}'],
    ['single quotes', "{'a':1}"],
    ['a raw line feed in a string', '{"a":"\n"}'],
    ['a raw NUL in a string', '{"a":"\0"}'],
    ['a NUL behind the object', '{}\0'],
    ['a byte order mark', '\ufeff{}'],
    ['NaN', '{"a":NaN}'],
    ['Infinity', '{"a":Infinity}'],
    ['a number above a double', '{"a":1e400}'],
    ['a number below a double', '{"a":[-1e400]}'],
    ['a number of a thousand digits', `{"a":1${'0'.repeat(999)}}`],
    ['a leading zero', '{"a":01}'],
    ['a plus', '{"a":+1}'],
    ['__proto__', '{"__proto__":{}}'],
    ['__proto__ inside', '{"a":[{"b":{"__proto__":1}}]}'],
    ['__proto__ escaped', '{"\\u005f_proto__":{}}'],
    ['__proto__ escaped throughout', '{"a":{"\\u005f\\u005f\\u0070\\u0072\\u006f\\u0074\\u006f\\u005f\\u005f":{}}}'],
    ['a lone high surrogate, escaped', '{"a":"\\ud800"}'],
    ['a lone low surrogate, escaped', '{"a":"\\udc00 "}'],
    ['surrogates in the wrong order', '{"a":"\\udc00\\ud800"}'],
    ['a lone surrogate in a key', '{"\\ud800":1}'],
    ['a lone surrogate deep inside', '{"a":[[["\\udfff"]]]}'],
    ['nesting over the bound', nested(MAX_NESTING + 1)],
    ['arrays over the bound', `{"a":${'['.repeat(MAX_NESTING)}${']'.repeat(MAX_NESTING)}}`],
    ['nesting by far', nested(100_000)],
  ])('refuses %s', (_, text) => {
    expect(codeOf(() => parseJson(text))).toBe('bad-json');
    expect(codeOf(() => parseJson(utf8(text)))).toBe('bad-json');
  });

  it.each([
    ['a stray byte', inString(0xff)],
    ['a byte that only continues', inString(0x80)],
    ['half a character', inString(0xc3)],
    ['an overlong slash', inString(0xc0, 0xaf)],
    ['an overlong NUL', inString(0xc0, 0x80)],
    ['a surrogate as three bytes', inString(0xed, 0xa0, 0x80)],
    ['a pair of surrogates as six bytes', inString(0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80)],
    ['a character above the last', inString(0xf4, 0x90, 0x80, 0x80)],
    ['UTF-16', Uint8Array.from([0xff, 0xfe, 0x7b, 0, 0x7d, 0])],
  ])('refuses what is not UTF-8: %s', (_, bytes) => {
    expect(codeOf(() => parseJson(bytes))).toBe('bad-json');
  });

  it('refuses a lone surrogate that a platform decoded already', () => {
    expect(codeOf(() => parseJson('{"a":"\ud800"}'))).toBe('bad-json');
    expect(codeOf(() => parseJson('{"\udc00":1}'))).toBe('bad-json');
    expect(parseJson('{"a":"\ud83d\ude00"}')).toEqual({ a: '😀' });
  });

  it.each([
    ['spaces around', ' \t\r\n{ } \n', {}],
    ['the deepest nesting', nested(MAX_NESTING), JSON.parse(nested(MAX_NESTING))],
    ['an escaped pair', '{"a":"\\ud83d\\ude00"}', { a: '😀' }],
    ['an escaped NUL', '{"a":"\\u0000"}', { a: '\0' }],
    ['a byte order mark inside', '{"a":"\ufeff"}', { a: '\ufeff' }],
    ['the name __proto__ as a value', '{"a":"__proto__"}', { a: '__proto__' }],
    ['names like it', '{"__proto":1,"proto__":2,"constructor":3,"toString":4}', { __proto: 1, proto__: 2, constructor: 3, toString: 4 }],
    ['the largest double', '{"a":1.7976931348623157e308}', { a: Number.MAX_VALUE }],
    ['a number that is nearly nothing', '{"a":1e-400}', { a: 0 }],
    ['what a double cannot tell apart', '{"a":12345678901234567890}', { a: 12345678901234567000 }],
    ['the last of duplicate keys', '{"a":1,"b":2,"a":3}', { a: 3, b: 2 }],
    ['the last of keys that are alike once unescaped', '{"a":1,"\\u0061":2}', { a: 2 }],
  ])('takes %s', (_, text, value) => {
    expect(parseJson(text)).toEqual(value);
    expect(parseJson(utf8(text))).toEqual(value);
  });

  it('leaves the prototype of everything alone, whatever comes', () => {
    for (const text of ['{"constructor":{"prototype":{"polluted":1}}}', '{"a":{"hasOwnProperty":1,"valueOf":2}}']) {
      const value = parseJson(text);
      const merged = { ...value, ...(value.constructor as object) };
      expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
      expect(Object.assign({}, value)).not.toHaveProperty('polluted');
    }
    expect({}).not.toHaveProperty('polluted');
  });

  it('takes a large message in the time that reading it takes, and refuses what is cut off', () => {
    const text = JSON.stringify({ list: Array.from({ length: 100_000 }, (_, i) => ({ i, text: 'ü'.repeat(3) })) });
    const bytes = utf8(text);
    expect(parseJson(bytes)).toEqual(JSON.parse(text));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), (length) => {
        expect(codeOf(() => parseJson(bytes.subarray(0, length)))).toBe('bad-json');
      }),
      { numRuns: 30 },
    );
  });

  it('reads back whatever canonicalJson writes', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ depthSize: 'small', maxDepth: 5 })), (value) => {
        const text = canonicalJson(value as JsonValue);
        if ('__proto__' in JSON.parse(text) && text.includes('__proto__')) return;
        expect(canonicalJson(parseJson(utf8(text)))).toBe(text);
      }),
    );
  });

  it('throws nothing but bad-json', () => {
    const bits = ['{', '}', '[', ']', '"', ':', ',', '\\u', 'd800', '__proto__', '1e999', '-', '0', 'a', ' ', '\0', '\ud800', 'true'];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...bits), { maxLength: 30 }), (parts) => {
        expect([undefined, 'bad-json']).toContain(codeOf(() => parseJson(parts.join(''))));
      }),
      { numRuns: 2000 },
    );
  });
});

/** A double from its bits, as RFC 8785 lists them. */
function double(bits: string): number {
  const bytes = fromHex(bits) as Uint8Array;
  return new DataView(bytes.buffer).getFloat64(0);
}

describe('canonicalJson', () => {
  // RFC 8785, appendix B.
  it.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('writes the number %s as %s', (bits, text) => {
    expect(canonicalJson(double(bits))).toBe(text);
    expect(canonicalJson({ a: [double(bits)] })).toBe(`{"a":[${text}]}`);
  });

  it.each(['7fffffffffffffff', '7ff0000000000000', 'fff0000000000000'])('refuses the number %s', (bits) => {
    expect(codeOf(() => canonicalJson({ a: [double(bits)] }))).toBe('bad-argument');
  });

  it('writes what RFC 8785 section 3.2.2 gives', () => {
    const input =
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}';
    const output =
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}';
    expect(canonicalJson(parseJson(input))).toBe(output);
  });

  it('orders keys by UTF-16 code units, as RFC 8785 section 3.2.3 gives', () => {
    const input =
      '{"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\\ud83d\\ude00":"Emoji: Grinning Face","\\u0080":"Control","\\u00f6":"Latin Small Letter O With Diaeresis"}';
    expect(canonicalJson(parseJson(input))).toBe(
      '{"\\r":"Carriage Return","1":"One","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis","\u20ac":"Euro Sign","\ud83d\ude00":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
    );
  });

  it('orders keys that are numbers as text, and nested objects too', () => {
    expect(canonicalJson({ 10: 1, 9: 2, a: { b: 1, B: 2 }, '': 3 })).toBe('{"":3,"10":1,"9":2,"a":{"B":2,"b":1}}');
  });

  it('leaves out what is undefined', () => {
    expect(canonicalJson({ a: undefined, b: 1 } as unknown as JsonValue)).toBe('{"b":1}');
  });

  it('refuses lone surrogates in values and keys, and nothing that looks like them', () => {
    expect(codeOf(() => canonicalJson({ a: '\ud800' }))).toBe('bad-argument');
    expect(codeOf(() => canonicalJson({ '\udc00': 1 }))).toBe('bad-argument');
    expect(canonicalJson({ a: '😀\\ud800' })).toBe('{"a":"😀\\\\ud800"}');
  });

  it('does not depend on the order in which an object was made', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(fc.string(), fc.integer()), { selector: ([key]) => key }),
        fc.infiniteStream(fc.nat()),
        (entries, order) => {
          const shuffled = [...entries].map((entry) => ({ entry, at: order.next().value })).sort((a, b) => Number(a.at) - Number(b.at));
          expect(canonicalJson(Object.fromEntries(shuffled.map(({ entry }) => entry)))).toBe(canonicalJson(Object.fromEntries(entries)));
        },
      ),
    );
  });
});

describe('isLongerAsJson', () => {
  it('says of every value and limit what its text would', () => {
    const value = fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' }) as fc.Arbitrary<JsonValue>;
    fc.assert(
      fc.property(value, fc.nat({ max: 400 }), (json, bytes) => {
        expect(isLongerAsJson(json, bytes)).toBe(utf8(JSON.stringify(json)).length > bytes);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([['\u0001'.repeat(50)], ['\ud800'.repeat(50)], ['€'.repeat(50)], [[[[[[null]]]]]], [-2.2250738585072014e-308]])(
    'misses nothing of %j',
    (value) => {
      const { length } = utf8(JSON.stringify(value));
      expect([isLongerAsJson(value, length - 1), isLongerAsJson(value, length)]).toEqual([true, false]);
    },
  );
});

describe('isWellFormed', () => {
  it('agrees with what can be written as UTF-8', () => {
    const unit = fc.oneof(fc.constantFrom('\ud800', '\udbff', '\udc00', '\udfff', 'a', '😀'), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(fc.array(unit), (parts) => {
        const text = parts.join('');
        expect(isWellFormed(text)).toBe(new TextDecoder().decode(utf8(text)) === text);
      }),
      { numRuns: 500 },
    );
  });
});
