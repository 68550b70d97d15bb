import type { IncomingMessage, ServerResponse } from 'node:http';
import { validator } from '@parley/core';
import type { FastifyBaseLogger, FastifyInstance, FastifyTypeProvider, RawServerDefault } from 'fastify';
import type { Static, TSchema } from 'typebox';

/** Gives handlers the types of the schemas that their requests were checked by. */
interface TypeBoxProvider extends FastifyTypeProvider {
  readonly validator: this['schema'] extends TSchema ? Static<this['schema']> : unknown;
  readonly serializer: this['schema'] extends TSchema ? Static<this['schema']> : unknown;
}

export type ApiApp = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, TypeBoxProvider>;

interface Properties {
  readonly [name: string]: { readonly type?: unknown };
}

/** What a query says as text, as its schema means it: some are whole numbers. */
function fromText(query: unknown, properties: Properties): Record<string, unknown> {
  const values: Record<string, unknown> = { ...(query as object) };
  for (const [name, { type }] of Object.entries(properties)) {
    const value = values[name];
    if (type === 'integer' && typeof value === 'string' && /^\d{1,9}$/.test(value)) values[name] = Number(value);
  }
  return values;
}

/** Checks a part of a request against its schema: what the handler gets, or what is wrong with it. */
export function checker(schema: TSchema, part: string | undefined): (data: unknown) => { value: unknown } | { error: Error } {
  const { check, explain } = validator(schema);
  const properties: Properties = 'properties' in schema ? (schema.properties as Properties) : {};
  return (data) => {
    const value = part === 'querystring' ? fromText(data, properties) : data;
    return check(value) ? { value } : { error: new Error(explain(value)) };
  };
}
