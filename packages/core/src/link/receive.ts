import { utf8ForNow } from '../util/bytes.ts';
import type { ParleyError } from '../util/errors.ts';
import { isLongerAsJson, type JsonObject, parseJson } from '../wire/json.ts';
import { head, MAX_VIA_BYTES, type Message, SEEN_BYTES, TOWARD_BYTES } from '../wire/message.ts';
import type { Validator } from '../wire/schema.ts';
import type { AnyVerb, VerbRegistry } from '../wire/verb.ts';

/** Before a link is open, or after. */
export type Phase = 'opening' | 'open';

/** What became of a received JSON text: a message to handle, or a reason to reject it and what that costs the neighbour. */
export type Received =
  | { readonly verb: AnyVerb; readonly message: Message; readonly rejected?: undefined }
  | { readonly rejected: string; readonly weight: number; readonly detail?: string };

/** How much an offence counts towards a ban (`LinkConfig.banScore`). Nothing honest and newer than us costs anything. */
const MALFORMED = 5;

/** Longest message of which it is worked out what is wrong: that takes much longer than to see that something is. */
const MAX_EXPLAINED = 4096;

/** How much longer a text can get by being parsed and written again: `1e20,` becomes 22 characters. Nothing but numbers grows. */
const REWRITING_GROWTH = 4.4;

/**
 * The first steps on receipt, in the order of DESIGN section 2: length, verb, link state, quota, schema. What is left (origin
 * signature, handler) is the overlay's. Pure but for `quota`.
 */
export function receive(json: Uint8Array | string, verbs: VerbRegistry, phase: Phase, quota: (verb: AnyVerb) => boolean): Received {
  let fields: JsonObject;
  try {
    fields = parseJson(json);
  } catch (error) {
    return { rejected: 'json', weight: MALFORMED, detail: (error as ParleyError).message };
  }
  const name = fields.msg_type;
  const verb = typeof name === 'string' ? verbs.get(name) : undefined;
  if (!verb) {
    // An unknown verb of a newer peer is ignored and counted, never fatal (DESIGN section 4).
    return typeof name === 'string' && phase === 'open' ? { rejected: 'verb-unknown', weight: 0 } : { rejected: 'head', weight: MALFORMED };
  }
  // Nobody who knows the verb says it in clear.
  if (verb.spec.reach === 'sealed' || verb.spec.reach === 'circuit')
    return { rejected: 'verb-in-clear', weight: MALFORMED, detail: verb.name };
  if (!withinSize(json, fields, verb)) return { rejected: 'verb-size', weight: MALFORMED, detail: verb.name };
  if (phase === 'opening' && !verb.spec.opening) return { rejected: 'link-not-open', weight: MALFORMED, detail: verb.name };
  if (!quota(verb)) return { rejected: 'quota-link', weight: 0.1, detail: verb.name };
  if (!head.check(fields)) return { rejected: 'head', weight: MALFORMED, detail: explain(head, fields, json) };
  if (fields.flood !== (verb.spec.reach === 'flood')) return { rejected: 'flood-flag', weight: MALFORMED, detail: verb.name };
  if (!verb.validate.check(fields.msg_data)) {
    return { rejected: 'schema', weight: MALFORMED, detail: `${verb.name} ${explain(verb.validate, fields.msg_data, json)}` };
  }
  return { verb, message: fields as unknown as Message };
}

/**
 * Whether a message keeps to its verb's limit. What travels on is written again at every hop, with `via` growing, and `toward`, and what the first
 * forwarder sees: it has to fit as those behind us will get it, or else one hop would be blamed for what another made.
 */
function withinSize(json: Uint8Array | string, fields: JsonObject, verb: AnyVerb): boolean {
  const { maxBytes, reach, seenFrom, unsigned = [] } = verb.spec;
  const bytes = typeof json === 'string' ? utf8ForNow(json).length : json.length;
  if (reach === 'link') return bytes <= maxBytes;
  if (bytes > maxBytes + MAX_VIA_BYTES + TOWARD_BYTES + (seenFrom ? SEEN_BYTES : 0)) return false;
  if (bytes * REWRITING_GROWTH <= maxBytes) return true;
  const { via: _via, toward: _toward, ...rest } = fields;
  if (seenFrom)
    rest.msg_data = Object.fromEntries(Object.entries(fields.msg_data as JsonObject).filter(([name]) => !unsigned.includes(name)));
  return !isLongerAsJson(rest, maxBytes);
}

function explain(validator: Validator<unknown>, value: unknown, json: Uint8Array | string): string {
  return json.length <= MAX_EXPLAINED ? validator.explain(value) : 'does not fit';
}
