import type { JsonObject, JsonValue } from '@parley/core';
import { textsOf } from './patterns.ts';

/** A schema of the protocol, as JSON Schema has it. */
export interface Schema {
  readonly type?: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object';
  readonly const?: JsonValue;
  readonly anyOf?: readonly Schema[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, Schema>>;
}

/** A value that fits. `full`: everything optional is there, lists have an item or two, texts their greatest length up to `longest`. */
export function sampleOf(schema: Schema, full: boolean): JsonValue {
  if (schema.const !== undefined) return schema.const;
  if (schema.anyOf) return sampleOf(schema.anyOf[0] as Schema, full);
  switch (schema.type) {
    case 'string': {
      const { shortest, longest } = textsOf(schema.pattern ?? '');
      return full && longest.length <= 300 ? longest : shortest;
    }
    case 'integer':
    case 'number':
      return (full ? schema.maximum : schema.minimum) ?? 0;
    case 'boolean':
      return full;
    case 'array':
      return Array.from({ length: full ? 2 : (schema.minItems ?? 0) }, () => sampleOf(schema.items ?? {}, full));
    case 'object':
      return objectOf(schema, full);
    default:
      throw new Error(`a schema without a type: ${JSON.stringify(schema)}`);
  }
}

function objectOf(schema: Schema, full: boolean): JsonObject {
  const value: JsonObject = {};
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    if (full || schema.required?.includes(key)) value[key] = sampleOf(property, full);
  }
  for (const [key, property] of Object.entries(schema.patternProperties ?? {}))
    if (full) value[textsOf(key).longest] = sampleOf(property, full);
  return value;
}

export type Path = readonly (string | number)[];

/** A change to a value that fits, after which it does not; or, for `fits`, still does. */
export interface Case {
  readonly what: string;
  readonly path: Path;
  /** Undefined takes the member out. */
  readonly value: JsonValue | undefined;
  readonly fits: boolean;
}

const OF_EACH_TYPE: readonly (readonly [string, JsonValue])[] = [
  ['null', null],
  ['a boolean', true],
  ['a number', 7],
  ['a fraction', 0.5],
  ['a text', 'text'],
  ['an empty text', ''],
  ['a list', []],
  ['a list of lists', [[]]],
  ['an object', {}],
];

/** Every way in which each part of a value can be wrong: left out, of another type, too long, too many, out of range. */
export function casesOf(schema: Schema, path: Path = []): Case[] {
  const cases: Case[] = OF_EACH_TYPE.filter(([, value]) => !fitsType(schema, value)).map(([name, value]) => ({
    what: `is ${name}`,
    path,
    value,
    fits: false,
  }));
  const add = (what: string, value: JsonValue): void => void cases.push({ what, path, value, fits: false });
  if (schema.pattern !== undefined) {
    const { longest } = textsOf(schema.pattern);
    add('is too long by a character', longest + longest.slice(-1));
    add('is far too long', longest.slice(-1).repeat(1_000_000));
    add('ends in a line feed', `${longest}\n`);
    add('begins with NUL', `\0${longest.slice(1)}`);
  }
  if (schema.maximum !== undefined) add('is above its maximum', schema.maximum + Math.max(1, schema.maximum * 1e-9));
  if (schema.minimum !== undefined) add('is below its minimum', schema.minimum - 1);
  if (schema.maxItems !== undefined)
    add(
      'has an item too many',
      Array.from({ length: schema.maxItems + 1 }, () => sampleOf(schema.items ?? {}, false)),
    );
  if (schema.minItems !== undefined)
    add(
      'has an item too few',
      Array.from({ length: schema.minItems - 1 }, () => sampleOf(schema.items ?? {}, false)),
    );
  if (schema.items) cases.push(...casesOf(schema.items, [...path, 0]));
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const required = schema.required?.includes(key) === true;
    cases.push({ what: 'is missing', path: [...path, key], value: undefined, fits: !required }, ...casesOf(property, [...path, key]));
  }
  for (const [key, property] of Object.entries(schema.patternProperties ?? {})) {
    const name = textsOf(key).longest;
    cases.push(...casesOf(property, [...path, name]));
    const many = Object.fromEntries(Array.from({ length: (schema.maxProperties ?? 0) + 1 }, (_, i) => [`k${i}`, 'v']));
    add('has a member too many', many);
  }
  if (schema.properties)
    cases.push({ what: 'has members that nobody knows', path: [...path, 'newer'], value: { a: [1, { 0: null }] }, fits: true });
  return cases;
}

function fitsType(schema: Schema, value: JsonValue): boolean {
  if (schema.anyOf) return schema.anyOf.some((option) => fitsType(option, value));
  if (schema.const !== undefined) return schema.const === value;
  switch (schema.type) {
    case 'string':
      return typeof value === 'string' && new RegExp(schema.pattern ?? '', 'u').test(value);
    case 'integer':
      return Number.isInteger(value) && inRange(schema, value as number);
    case 'number':
      return typeof value === 'number' && inRange(schema, value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'array':
      return Array.isArray(value) && value.length >= (schema.minItems ?? 0) && value.every((item) => fitsType(schema.items ?? {}, item));
    default: {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
      return (schema.required ?? []).length === 0;
    }
  }
}

const inRange = (schema: Schema, value: number): boolean => value >= (schema.minimum ?? value) && value <= (schema.maximum ?? value);

/** A copy of a value with one part changed. */
export function changed(value: JsonValue, path: Path, to: JsonValue | undefined): JsonValue {
  const [first, ...rest] = path;
  if (first === undefined) return to ?? null;
  const copy = structuredClone(value) as Record<string | number, JsonValue>;
  if (rest.length > 0) copy[first] = changed(copy[first] as JsonValue, rest, to);
  else if (to === undefined) delete copy[first];
  else copy[first] = to;
  return copy;
}
