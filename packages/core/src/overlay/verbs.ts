import { Base64, Guid, NodeRef, Text, Token, Type } from '../wire/schema.ts';
import { defineVerb } from '../wire/verb.ts';

/** Further messages that one ACK, NACK or RECEIPT speaks of. */
export const MAX_ALSO = 256;

/** Recipients that one ACK, NACK or RECEIPT names. */
export const MAX_RECIPIENTS = 1000;

/** Of an answer to what came by circuit. */
const Proof = Type.Optional(Token);

const Also = Type.Optional(Type.Array(Guid, { maxItems: MAX_ALSO, description: 'further messages of the same origin' }));

export const ACK = defineVerb({
  name: 'ACK',
  summary: 'Custody: the sender of the ACK holds the message on disk, or has delivered it, and answers for it from now on.',
  source: 'S2',
  reach: 'link',
  ttl: 1,
  proof: 'link',
  acked: false,
  maxBytes: 64 * 1024,
  rate: { perSecond: 20_000, burst: 100_000 },
  data: Type.Object({
    node_id: Guid,
    msg_id: Guid,
    origin_id: Type.Optional(Guid),
    recipient: Type.Optional(Type.Array(NodeRef, { maxItems: MAX_RECIPIENTS })),
    also: Also,
  }),
});

export const NACK = defineVerb({
  name: 'NACK',
  summary: 'Tells the origin that a message did not get through here, and why. A hint to try another path.',
  source: 'S2',
  reach: 'directed',
  ttl: 32,
  proof: 'auth',
  acked: false,
  maxBytes: 64 * 1024,
  rate: { perSecond: 200, burst: 2000 },
  data: Type.Object({
    node_id: Guid,
    msg_id: Guid,
    recipient_id: Guid,
    recipient: Type.Optional(Type.Array(NodeRef, { maxItems: MAX_RECIPIENTS })),
    reason: Type.Optional(Text(64)),
    also: Also,
    proof: Proof,
  }),
});

export const RECEIPT = defineVerb({
  name: 'RECEIPT',
  summary: 'Tells the origin what became of its message. Only one that the recipient signed proves delivery.',
  source: '+',
  reach: 'directed',
  ttl: 32,
  proof: 'auth',
  acked: false,
  maxBytes: 64 * 1024,
  rate: { perSecond: 200, burst: 2000 },
  data: Type.Object({
    node_id: Guid,
    msg_id: Guid,
    recipient_id: Guid,
    recipient: Type.Array(NodeRef, { maxItems: MAX_RECIPIENTS }),
    state: Type.Union([Type.Literal('stored'), Type.Literal('delivered'), Type.Literal('read'), Type.Literal('expired')]),
    also: Also,
    proof: Proof,
  }),
});

/** The messages that an ACK, a NACK or a RECEIPT is about. A set: in what strangers write one may stand many times. */
export function namedIn({ msg_id, also }: { readonly msg_id: string; readonly also?: readonly string[] }): ReadonlySet<string> {
  return new Set([msg_id, ...(also ?? [])]);
}

/** The nodes of a list of recipients. */
export function nodesIn(recipient: readonly { readonly node_id: string }[]): ReadonlySet<string> {
  return new Set(recipient.map((entry) => entry.node_id));
}

/** Entries in one ROUTING (WIRE "ROUTING"). */
export const MAX_ROUTES = 1000;

export const ROUTING = defineVerb({
  name: 'ROUTING',
  summary: 'The nodes that the sender can reach and in how many hops: all of them first and every 30 s, changes in between.',
  source: 'S2',
  reach: 'link',
  kind: 'discovery',
  ttl: 1,
  proof: 'link',
  acked: false,
  maxBytes: 160 * 1024,
  // What a node sends whose routes change all the time, in as many parts as a table has; more is dropped, and the next full one makes up for it.
  rate: { perSecond: 10, burst: 60 },
  data: Type.Object({
    node_id: Guid,
    full: Type.Optional(Type.Boolean()),
    nodes: Type.Array(
      Type.Object({
        node_id: Guid,
        ttl: Type.Integer({ minimum: 1, maximum: 33, description: 'hops from the sender; 33: withdrawn' }),
        latency_ms: Type.Optional(Type.Number({ minimum: 0, maximum: 600_000 })),
        reliability: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
      }),
      { maxItems: MAX_ROUTES },
    ),
  }),
});

/** Recipients of one SEALED. */
export const MAX_SEALED_RECIPIENTS = 1000;
/** Bytes of the compact JWE in one SEALED. */
const MAX_SEALED_BYTES = 660 * 1024;

export const SEALED = defineVerb({
  name: 'SEALED',
  summary: 'An envelope: another verb, encrypted for its recipients, so that nobody on the way sees even what kind of thing is said.',
  source: '+',
  reach: 'directed',
  ttl: 32,
  proof: 'auth',
  acked: true,
  split: true,
  unsigned: ['recipient'],
  maxBytes: 960 * 1024,
  rate: { perSecond: 1000, burst: 5000 },
  data: Type.Object({
    msg_id: Guid,
    node_id: Guid,
    recipient: Type.Array(NodeRef, { minItems: 1, maxItems: MAX_SEALED_RECIPIENTS }),
    channel_id: Type.Optional(Guid),
    sealed: Base64(MAX_SEALED_BYTES),
  }),
});

/** Recipients of one FLEETING. */
export const MAX_FLEETING_RECIPIENTS = 64;
/** Bytes of the compact JWE in one FLEETING. */
const MAX_FLEETING_BYTES = 4096;

export const FLEETING = defineVerb({
  name: 'FLEETING',
  summary: 'An envelope like SEALED, for what is worth nothing a moment later: nobody acknowledges it, keeps it or says it again.',
  source: '+',
  reach: 'directed',
  kind: 'discovery',
  ttl: 32,
  proof: 'auth',
  acked: false,
  split: true,
  unsigned: ['recipient'],
  maxBytes: 16 * 1024,
  rate: { perSecond: 1000, burst: 5000 },
  data: Type.Object({
    msg_id: Guid,
    node_id: Guid,
    recipient: Type.Array(NodeRef, { minItems: 1, maxItems: MAX_FLEETING_RECIPIENTS }),
    channel_id: Type.Optional(Guid),
    sealed: Base64(MAX_FLEETING_BYTES),
  }),
});

export const overlayVerbs = [ACK, NACK, RECEIPT, ROUTING, SEALED, FLEETING] as const;
