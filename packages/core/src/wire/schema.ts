import type { Static, TObject, TSchema } from 'typebox';
import * as Type from 'typebox';
import { Compile } from 'typebox/schema';
import type { StoreRow } from '../ports/store.ts';
import { GUID_PATTERN } from '../util/guid.ts';

/**
 * Schemas of what is on the wire. A character is a Unicode code point. Every pattern is anchored and bounds its own length: typebox
 * counts graphemes for `maxLength`, which is slow and not what a limit on the wire means.
 */
export const Guid = Type.String({ pattern: GUID_PATTERN, description: 'GUID, lower-case' });
/** `key_` and the base58btc of a raw Ed25519 key: 32 to 44 digits. */
export const KeyId = Type.String({ pattern: '^key_[1-9A-HJ-NP-Za-km-z]{32,44}$', description: 'key id' });
export const Timestamp = Type.String({
  pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$',
  description: 'YYYY-MM-DDTHH:MM:SS.sssZ',
});
export const Signature = Type.String({ pattern: '^[A-Za-z0-9+/]{86}==$', description: '64 bytes, base64' });
/** What only who has read something can repeat. */
export const Token = Type.String({ pattern: '^[A-Za-z0-9+/]{22}==$', description: '16 bytes, base64' });
export const Nonce = Type.String({ pattern: '^[A-Za-z0-9+/]{43}=$', description: '32 bytes, base64' });
/** Names hold no `#`, no control characters, and 1 to 64 characters. */
export const Name = Type.String({
  pattern: '^[^#\\u0000-\\u001f\\u007f-\\u009f]{1,64}$',
  description: 'name, no #, at most 64 characters',
});
/** As JSON Schema: the builder for it brings a fifth of the library along, which every browser would load. */
export const Attributes = Type.Unsafe<Record<string, string>>({
  type: 'object',
  patternProperties: { '^[a-z0-9_]{1,32}$': Type.String({ pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f]{0,256}$' }) },
  maxProperties: 32,
  description: 'strings by string',
});

export const Base64 = (maxBytes: number) =>
  Type.String({ pattern: `^[A-Za-z0-9+/]{0,${Math.ceil(maxBytes / 3) * 4}}={0,2}$`, description: `base64, at most ${maxBytes} bytes` });

/** One line for people: no control characters, since some of them act on a terminal. */
export const Text = (maxLength: number) =>
  Type.String({ pattern: `^[^\\u0000-\\u001f\\u007f-\\u009f]{0,${maxLength}}$`, description: `text, at most ${maxLength} characters` });

export const NodeRef = Type.Object({ node_id: Guid });

export interface Validator<T> {
  check(value: unknown): value is T;
  /** Why `check` said no: the first fault, as a path and a reason. Finds all faults on the way: not for values of any size. */
  explain(value: unknown): string;
}

/** Compiles a schema once; under a Content-Security-Policy that forbids it, typebox interprets instead. */
export function validator<S extends TSchema>(schema: S): Validator<Static<S>> {
  // Of the same library, without what `typebox/compile` loads beside it: conversion, decoding, defaults.
  const compiled = Compile<object>(schema);
  return {
    check: (value): value is Static<S> => compiled.Check(value),
    explain(value) {
      const [, [first]] = compiled.Errors(value);
      return first ? `${first.instancePath || '/'} ${first.message}` : 'fits';
    },
  };
}

/** Whether a row of a store is JSON of a shape. */
export function jsonRows(schema: TSchema): (row: StoreRow) => boolean {
  const shape = validator(schema);
  return ({ value }) => {
    try {
      return typeof value === 'string' && shape.check(JSON.parse(value));
    } catch {
      return false;
    }
  };
}

export type { Static, TObject, TSchema };
export { Type };
