import { type JsonObject, verbs } from '@parley/core';

/** A JSON Schema, as far as it matters here. */
interface Schema {
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** What a value has that its schema does not name, however deep: paths. */
function excess({ items, properties }: Schema, value: unknown, path: string): string[] {
  if (Array.isArray(value)) return items ? value.flatMap((item) => excess(items, item, `${path}[]`)) : [];
  // One without any is whatever its sender likes.
  if (!properties || Object.keys(properties).length === 0 || typeof value !== 'object' || value === null) return [];
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
