import type { SeededRandom } from '@parley/sim';

/** A JSON schema, as far as verbs use it. */
export interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, Schema>>;
}

const CHARACTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

function letters(random: SeededRandom, length: number, alphabet = CHARACTERS): string {
  return Array.from({ length }, () => alphabet[random.integer(alphabet.length)]).join('');
}

/** What text fits a pattern, told by a piece of the pattern. */
const PATTERNS: readonly (readonly [piece: string, make: (random: SeededRandom, known: Known) => string])[] = [
  ['[0-9a-f]{8}-[0-9a-f]{4}', (random, known) => (random.chance(0.7) ? random.pick(known.guids) : known.newGuid())],
  ['^key_', (random, known) => random.pick(known.keys)],
  ['\\d{4}-\\d\\d', (_, known) => known.now()],
  ['{86}==', (random) => `${letters(random, 85)}A==`],
  ['{43}=', (random) => `${letters(random, 42)}A=`],
  ['[A-Za-z0-9+/]{0,', (random) => letters(random, 4 * random.integer(200))],
  ['[0-9a-f]{64}', (random) => letters(random, 64, '0123456789abcdef')],
  ['[0-9]{1,5}$', (random) => (random.chance(0.5) ? '' : `192.0.2.1:${1 + random.integer(65_535)}`)],
  ['^[a-z][a-z0-9-]', (random) => letters(random, 8)],
];

/** What a sample may refer to: nodes and channels that exist. */
export interface Known {
  readonly guids: readonly string[];
  readonly keys: readonly string[];
  newGuid(): string;
  now(): string;
}

/** A value that fits the schema. */
export function sample(schema: Schema, random: SeededRandom, known: Known): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.anyOf) return sample(random.pick(schema.anyOf), random, known);
  switch (schema.type) {
    case 'string': {
      const make = PATTERNS.find(([piece]) => schema.pattern?.includes(piece))?.[1];
      return make ? make(random, known) : letters(random, 1 + random.integer(12));
    }
    case 'integer': {
      const least = schema.minimum ?? 0;
      return least + random.integer(Math.min((schema.maximum ?? 100) - least + 1, 100));
    }
    case 'number':
      return random.number() * (schema.maximum ?? 1);
    case 'boolean':
      return random.chance(0.5);
    case 'array':
      return Array.from({ length: (schema.minItems ?? 0) + random.integer(5) }, () => sample(schema.items ?? {}, random, known));
    case 'object':
      return sampleObject(schema, random, known);
    default:
      return null;
  }
}

function sampleObject(schema: Schema, random: SeededRandom, known: Known): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    if (schema.required?.includes(key) || random.chance(0.5)) value[key] = sample(property, random, known);
  }
  for (const property of Object.values(schema.patternProperties ?? {})) value[letters(random, 5)] = sample(property, random, known);
  return value;
}

const STRANGE: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  -1e308,
  Number.MAX_SAFE_INTEGER,
  2 ** 53,
  1e20,
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\u202e',
  '__proto__',
  'constructor',
  '\n'.repeat(100),
  'x'.repeat(70_000),
  [],
  {},
  [[[[]]]],
  { toString: 1 },
  { length: 1e9 },
  [null, null],
];

/** Changes a value somewhere: a piece replaced, left out, doubled or moved. */
export function mutate(value: unknown, random: SeededRandom): unknown {
  if (random.chance(0.15)) return random.pick(STRANGE);
  if (typeof value === 'string') return mutateText(value, random);
  if (typeof value === 'number') return random.pick([value + 1, -value, value * 2 ** 40, value / 3, 0, Number.MAX_SAFE_INTEGER]);
  if (Array.isArray(value)) {
    const copy: unknown[] = [...value];
    const at = random.integer(copy.length + 1);
    const what = random.integer(4);
    if (what === 0) copy.splice(at, 1);
    else if (what === 1) copy.splice(at, 0, random.pick(STRANGE));
    else if (what === 2 && copy.length > 0) copy.push(...new Array<unknown>(random.chance(0.1) ? 1100 : 3).fill(copy[0]));
    else if (at < copy.length) copy[at] = mutate(copy[at], random);
    return copy;
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    const at = random.integer(entries.length + 1);
    const entry = entries[at];
    const what = random.integer(8);
    if (what === 0) entries.splice(at, 1);
    else if (what === 1)
      entries.push([String(random.pick(['__proto__', 'constructor', 'extra', 'node_id', '', '0', '7'])), random.pick(STRANGE)]);
    else if (what === 2 && entry) entry[0] = entry[0].toUpperCase();
    else if (entry) entry[1] = mutate(entry[1], random);
    return fromEntries(entries);
  }
  return random.pick(STRANGE);
}

/** Keeps a key `__proto__` as a key, as JSON.parse does. */
function fromEntries(entries: readonly (readonly [string, unknown])[]): object {
  const value = {};
  for (const [key, item] of entries)
    Object.defineProperty(value, key, { value: item, enumerable: true, configurable: true, writable: true });
  return value;
}

function mutateText(text: string, random: SeededRandom): string {
  const at = random.integer(text.length + 1);
  const what = random.integer(5);
  if (what === 0) return text.slice(0, at);
  if (what === 1) return text.slice(0, at) + String.fromCharCode(random.integer(0x250)) + text.slice(at + 1);
  if (what === 2) return text + text;
  if (what === 3) return text.toUpperCase();
  return text.slice(0, at) + text.slice(at + 1);
}

/** Changes bytes: some flipped, cut, doubled or made at random. */
export function mutateBytes(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const copy = new Uint8Array(bytes);
  const what = random.integer(4);
  if (what === 0) return copy.subarray(0, random.integer(copy.length + 1));
  if (what === 1) return random.bytes(random.integer(64));
  for (let i = 1 + random.integer(4); i > 0 && copy.length > 0; i--) copy[random.integer(copy.length)] = random.integer(256);
  return what === 2 ? copy : new Uint8Array([...copy.subarray(random.integer(copy.length + 1)), ...copy]);
}
