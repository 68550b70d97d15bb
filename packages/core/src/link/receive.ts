import type { ParleyError } from '../util/errors.ts';
import { type JsonObject, parseJson } from '../wire/json.ts';
import { head, type Message } from '../wire/message.ts';
import type { AnyVerb, VerbRegistry } from '../wire/verb.ts';

export type LinkState = 'opening' | 'open';

/** What became of a received JSON text: a message to handle, or a reason to reject it and what that costs the neighbour. */
export type Received =
  | { readonly verb: AnyVerb; readonly message: Message; readonly rejected?: undefined }
  | { readonly rejected: string; readonly weight: number; readonly detail?: string };

/** How much an offence counts towards a ban (`LinkConfig.banScore`). Nothing honest and newer than us costs anything. */
const MALFORMED = 5;

/**
 * The first steps on receipt, in the order of DESIGN section 2: length, verb, link state, quota, schema. What is left (origin
 * signature, handler) is the overlay's. Pure but for `quota`.
 */
export function receive(json: Uint8Array | string, verbs: VerbRegistry, state: LinkState, quota: (verb: AnyVerb) => boolean): Received {
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
    return typeof name === 'string' && state === 'open' ? { rejected: 'verb-unknown', weight: 0 } : { rejected: 'head', weight: MALFORMED };
  }
  if (json.length > verb.spec.maxBytes) return { rejected: 'verb-size', weight: MALFORMED, detail: verb.name };
  if (state === 'opening' && !verb.spec.opening) return { rejected: 'link-not-open', weight: MALFORMED, detail: verb.name };
  if (!quota(verb)) return { rejected: 'quota-link', weight: 0.1, detail: verb.name };
  if (!head.check(fields)) return { rejected: 'head', weight: MALFORMED, detail: head.explain(fields) };
  if (fields.flood !== (verb.spec.reach === 'flood')) return { rejected: 'flood-flag', weight: MALFORMED, detail: verb.name };
  if (!verb.validate.check(fields.msg_data)) {
    return { rejected: 'schema', weight: MALFORMED, detail: `${verb.name} ${verb.validate.explain(fields.msg_data)}` };
  }
  return { verb, message: fields as unknown as Message };
}
