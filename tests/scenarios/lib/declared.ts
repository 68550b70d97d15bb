import { type JsonObject, verbs } from '@parley/core';
import type { TObject, TSchema } from 'typebox';

/** What a value has that its schema does not name, however deep: paths. */
function excess(schema: TSchema, value: unknown, path: string): string[] {
  if (Array.isArray(value)) {
    const { items } = schema as { items?: TSchema };
    return items ? value.flatMap((item) => excess(items, item, `${path}[]`)) : [];
  }
  const { properties } = schema as Partial<TObject>;
  if (!properties || typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const declared = properties[name];
    return declared ? excess(declared, inner, `${path}.${name}`) : [`${path}.${name}`];
  });
}

/** What a message says beyond what its verb declares. Receivers keep and pass on such members, so that nothing else would show them. */
export function undeclared({ msg_type: name, msg_data: data }: { msg_type: string; msg_data: JsonObject }): string[] {
  const verb = verbs.get(name);
  return verb ? excess(verb.spec.data, data, name) : [];
}
