import { canonicalJson, errorCode, type JsonObject, type JsonValue, MAX_NESTING, parseJson } from '@parley/core';
import type { SeededRandom } from '@parley/sim';
import { mutate, mutateBytes } from '../generate.ts';
import { must, readable, target } from '../target.ts';

const PIECES = [
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '"',
  '\\',
  '\\u',
  '\\ud83d\\ude00',
  '\\ud800',
  '__proto__',
  '\\u005f',
  '1e400',
  '-0',
  '1e20',
  '.',
  'null',
  'true',
  '\ufeff',
  '\0',
  'é',
  '😀',
  ' ',
  '\n',
];

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The parser of messages, and canonical JSON. */
export const json = target('json', () => {
  let text: Uint8Array | string = '';
  return {
    input(random) {
      text = make(random);
      let value: JsonObject;
      try {
        value = parseJson(text);
      } catch (error) {
        must(errorCode(error) === 'bad-json', `parseJson failed with ${String(error)}`);
        return;
      }
      must(sound(value, 1), 'something got through that should not');
      const canonical = canonicalJson(value);
      must(canonicalJson(parseJson(canonical)) === canonical, 'canonical JSON is not stable');
      must(canonicalJson(parseJson(JSON.stringify(value))) === canonical, 'to write it anew changed it');
      must(({} as Record<string, unknown>).polluted === undefined, 'a prototype was changed');
    },
    last: () => readable(text),
  };
});

function make(random: SeededRandom): Uint8Array | string {
  let text: string;
  if (random.chance(0.3)) text = Array.from({ length: random.integer(40) }, () => random.pick(PIECES)).join('');
  else {
    let value: unknown = tree(random, 0);
    for (let i = random.integer(4); i > 0; i--) value = mutate(value, random);
    text = JSON.stringify(value) ?? '';
    for (let i = random.integer(3); i > 0; i--) {
      const at = random.integer(text.length + 1);
      text = text.slice(0, at) + random.pick(PIECES) + text.slice(at);
    }
  }
  if (random.chance(0.2)) return text;
  const bytes = new TextEncoder().encode(text);
  return random.chance(0.2) ? mutateBytes(bytes, random) : bytes;
}

function tree(random: SeededRandom, depth: number): unknown {
  const key = (): string => random.pick(['a', 'b', 'node_id', '0', '10', '', 'é', '😀', '\ufb33', '\r', 'constructor', 'polluted']);
  if (depth > 18 || random.chance(0.25))
    return random.pick<unknown>([null, true, 0, -1, 1.5, 1e21, 5e-324, 'text', '', '😀', '\u2028"\\', 2 ** 53]);
  const length = random.integer(4);
  if (random.chance(0.3)) return Array.from({ length }, () => tree(random, depth + 1));
  return Object.fromEntries(Array.from({ length }, () => [key(), tree(random, depth + 1)]));
}

/** Told by other means than the parser's. */
function sound(value: JsonValue, depth: number): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'string') return decoder.decode(new TextEncoder().encode(value)) === value;
  if (typeof value !== 'object' || value === null) return true;
  if (depth > MAX_NESTING) return false;
  if (Array.isArray(value)) return value.every((item) => sound(item, depth + 1));
  if (Object.getPrototypeOf(value) !== Object.prototype || Object.hasOwn(value, '__proto__')) return false;
  return Object.entries(value).every(([key, item]) => sound(key, depth) && sound(item, depth + 1));
}
