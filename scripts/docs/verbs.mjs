import { canonicalJson, MAX_VIA_BYTES, TOWARD_BYTES, verbs } from '@parley/core';
import { cast } from './cast.mjs';
import { examples } from './examples.mjs';

/**
 * A schema as typebox has it: JSON Schema.
 *
 * @typedef {{
 *   type?: string, description?: string, pattern?: string, const?: unknown, minimum?: number, maximum?: number, minItems?: number,
 *   maxItems?: number, maxProperties?: number, required?: string[], properties?: Record<string, Schema>, items?: Schema,
 *   anyOf?: Schema[], patternProperties?: Record<string, Schema>,
 * }} Schema
 * @typedef {import('@parley/core').AnyVerb} AnyVerb
 */

const REACH = {
  link: 'neighbour',
  directed: 'named nodes',
  flood: 'everybody',
  sealed: 'named nodes, inside SEALED alone',
  circuit: 'a hop and the maker of a circuit, inside it alone',
};
const PROOF = {
  link: 'the link',
  auth: '`auth`',
  jws: 'its JWS',
  sealed: 'the SEALED around it',
  circuit: 'the keys of the hop',
};
/** Above this a pattern says no more than its description does. */
const SHORT_PATTERN = 60;

const cell = (/** @type {string} */ text) => text.replaceAll('|', '\\|');
const code = (/** @type {string} */ text) => `\`${cell(text)}\``;
const number = (/** @type {number} */ value) => (value === Number.MAX_SAFE_INTEGER ? '2^53 - 1' : String(value));

/** @param {number} bytes */
function size(bytes) {
  return bytes % 1024 === 0 && bytes >= 16 * 1024 ? `${bytes / 1024} KiB` : `${bytes} bytes`;
}

/** @param {Schema} schema @returns {string} */
function typeOf(schema) {
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ');
  const about = schema.description ? `: ${cell(schema.description)}` : '';
  switch (schema.type) {
    case 'array':
      return `array of ${schema.items?.properties ? 'objects' : typeOf(schema.items ?? {})}${bounds(schema.minItems, schema.maxItems)}${about}`;
    case 'object': {
      const [pattern] = Object.keys(schema.patternProperties ?? {});
      const [value] = Object.values(schema.patternProperties ?? {});
      const entries = pattern && value ? `; keys ${code(pattern)}, values ${code(value.pattern ?? '')}` : '';
      const most = schema.maxProperties === undefined ? '' : `, at most ${schema.maxProperties} members`;
      return `object${about}${most}${entries}`;
    }
    case 'string': {
      const pattern = schema.pattern && (!schema.description || schema.pattern.length <= SHORT_PATTERN) ? ` ${code(schema.pattern)}` : '';
      return `string${about}${pattern}`;
    }
    default:
      return `${schema.type ?? 'anything'}${bounds(schema.minimum, schema.maximum)}${about}`;
  }
}

/** @param {number | undefined} low @param {number | undefined} high */
function bounds(low, high) {
  if (low === undefined && high === undefined) return '';
  return `, ${low === undefined ? 'at most' : `${number(low)} to`} ${high === undefined ? 'any' : number(high)}`;
}

/** Rows of a table: the members of an object, and of the objects within. @param {Schema} schema @param {string} prefix @returns {string[]} */
function rows(schema, prefix) {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const optional = schema.required?.includes(name) ? 'yes' : 'no';
    const within = field.type === 'array' ? (field.items ?? {}) : field;
    return [`| ${code(path)} | ${typeOf(field)} | ${optional} |`, ...rows(within, `${path}${field.type === 'array' ? '[].' : '.'}`)];
  });
}

/** @param {AnyVerb} verb */
function origin({ spec }) {
  if (spec.name === 'CONNECT') return '`src_node_id` while `dst` is empty, else `dst_node_id`';
  if (spec.name === 'MESSAGE') return '`node_id`, which must be the signer of the JWS, or, where that is sealed, of `auth`';
  if (spec.reach === 'sealed') return '`node_id`, which must be that of the envelope';
  if (spec.proof === 'link') return 'the neighbour';
  if (spec.reach === 'circuit') return 'the other end of the circuit, which has no name';
  return '`node_id`';
}

/** @param {AnyVerb} verb */
function recipients({ spec }) {
  if (spec.reach !== 'directed' && spec.reach !== 'sealed') return undefined;
  if (spec.name === 'CONNECT') return '`dst_node_id` while `dst` is empty, else `src_node_id`';
  if (spec.split) return '`recipient`, split by next hop';
  return 'recipient_id' in spec.data.properties ? '`recipient_id`' : 'those that the envelope names';
}

/** @param {AnyVerb} verb @param {import('@parley/core').JsonObject} example */
function section(verb, example) {
  const { spec } = verb;
  const { perSecond, burst } = spec.rate;
  const to = recipients(verb);
  const facts = [
    `- **Source:** ${spec.source === 'S2' ? 'ptpchat' : 'an addition of Parley'}. **Reach:** ${spec.fleeting ? REACH.sealed.replace('SEALED', 'FLEETING') : REACH[spec.reach]}, \`flood\` ${spec.reach === 'flood'}, \`ttl\` ${spec.ttl}. **Kind of traffic:** ${verb.kind}.`,
    `- **Origin:** ${origin(verb)}.${to ? ` **For:** ${to}.` : ''} **Authenticated by:** ${spec.fleeting ? 'the FLEETING around it' : PROOF[spec.proof]}. **Acknowledged:** ${spec.acked ? 'at each hop' : 'no'}.`,
    `- **Who may send it:** ${spec.sender === 'relay' ? 'a node with the attribute `relays`' : 'any node'}${spec.opening ? '; it may come before the link is open' : ''}.`,
    `- **Size:** at most ${size(spec.maxBytes)} of JSON. **Quota:** ${perSecond} a second, ${burst} at once.`,
  ];
  if (spec.alsoSealed)
    facts.push('- **Inside SEALED** it may travel as well: in closed channels and conversations it does not travel otherwise.');
  if (spec.unsigned) facts.push(`- **Not covered by \`auth\`:** ${spec.unsigned.map(code).join(', ')}.`);
  const table = rows(/** @type {Schema} */ (spec.data), '');
  return [
    `## ${spec.name}`,
    '',
    spec.summary,
    '',
    ...facts,
    '',
    '| member of `msg_data` | type | required |',
    '|---|---|---|',
    ...table,
    '',
    '```json',
    shortened(canonicalJson(example)),
    '```',
    '',
  ];
}

/** Long values are cut for the reader; `vectors.json` has them whole. @param {string} json */
function shortened(json) {
  return json.replace(/"([A-Za-z0-9+/=]{120,})"/g, (_, value) => `"${value.slice(0, 48)}…"`);
}

/** `docs/protocol/verbs.md`: every verb of the registry. */
export async function verbsDocument() {
  const people = await cast();
  const all = examples(people);
  const overview = verbs.all().map(({ spec }) => {
    const anchor = spec.name.toLowerCase();
    return `| [${spec.name}](#${anchor}) | ${spec.source} | ${REACH[spec.reach]} | ${PROOF[spec.proof]} | ${spec.acked ? 'yes' : 'no'} | ${cell(spec.summary)} |`;
  });
  return [
    '# Verbs',
    '',
    'Generated from the registry of verbs by `npm run docs`; not to be edited. What the words mean is in [wire.md](wire.md).',
    '',
    'Members that a table does not name are ignored and passed on. Each string pattern is anchored and counts Unicode code points.',
    'Examples are of `msg_data` alone, in canonical order; values cut by an ellipsis are whole in [vectors.json](vectors.json).',
    `The size of a verb that travels is counted without \`via\` and \`toward\`, which may add up to ${MAX_VIA_BYTES + TOWARD_BYTES} bytes.`,
    'Quotas are defaults: per link for verbs between neighbours, per origin and verb for floods. Those of directed verbs are what a',
    'well-behaved origin keeps to; on receipt their link is paced as a whole.',
    '',
    '| verb | source | reach | proof | ACK | what it says |',
    '|---|---|---|---|---|---|',
    ...overview,
    '',
    ...verbs.all().flatMap((verb) => {
      const example = all[verb.name];
      if (!example || !verb.validate.check(example)) throw new Error(`there is no valid example of ${verb.name}`);
      return section(verb, example);
    }),
  ].join('\n');
}
