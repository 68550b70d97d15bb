import type { JsonObject } from '../wire/json.ts';
import { MAX_VIA, type Message } from '../wire/message.ts';
import type { AnyVerb } from '../wire/verb.ts';

/** How the body of a split verb begins: its recipients stand at a known place, so that a copy for some of them costs no parsing. */
const SPLIT_START = '{"msg_data":{"recipient":[';

/** `msg_data` as JSON, a split verb's recipients left out and put first. Alike at every hop. */
export function dataJson(verb: AnyVerb, data: JsonObject): string {
  if (!verb.spec.split) return JSON.stringify(data);
  // Put together by hand: an unknown member whose name is a number would come first in an object, whatever the order of its making.
  const { recipient: _, ...rest } = data;
  const json = JSON.stringify(rest);
  return json === '{}' ? '{"recipient":[]}' : `{"recipient":[],${json.slice(1)}`;
}

/** A message as JSON around the `msg_data` of `dataJson`. */
export function bodyOf(message: Message, data: string): string {
  const { msg_data: _, ...rest } = message;
  return `{"msg_data":${data},${JSON.stringify(rest).slice(1)}`;
}

/** The body for one next hop; `toward`: the server to which it is addressed anew. */
export function copyFor(body: string, split: boolean, recipients: readonly string[], toward: string | undefined): string {
  const addressed = toward === undefined ? body : `${body.slice(0, -1)},"toward":"${toward}"}`;
  if (!split) return addressed;
  const list = recipients.map((nodeId) => `{"node_id":"${nodeId}"}`).join(',');
  return SPLIT_START + list + addressed.slice(SPLIT_START.length);
}

/** The message as it goes on from here: one hop less, our name in the way that it took, and addressed to nobody but its recipients. */
export function onward(message: Message, self: string): Message {
  // Left out, and not deleted from a copy: an object from which something was deleted is slow from then on.
  const { toward: _, ...rest } = message;
  const via = message.via === false ? false : [...(message.via ?? []), self].slice(0, MAX_VIA);
  return { ...rest, ttl: message.ttl - 1, via };
}
