import { Base64, Guid, Nonce, Signature, Text, Token, Type } from '../../wire/schema.ts';
import { defineVerb } from '../../wire/verb.ts';

/** Every cell on every link is so long, whatever is in it. */
export const CELL_BYTES = 4096;
/** Hops of a circuit, at most (DESIGN section 9). */
export const MAX_HOPS = 3;

const link = { reach: 'link', ttl: 1, proof: 'link', acked: false, source: '+' } as const;
const inside = { reach: 'circuit', ttl: 0, proof: 'circuit', acked: false, source: '+' } as const;
const Circuit = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'chosen at random by the side that opens it' });

export const CIRCUIT_OPEN = defineVerb({
  name: 'CIRCUIT_OPEN',
  summary: 'Asks a server to be the next hop of a circuit: a new X25519 key of whoever makes it, and which hop it is to be.',
  ...link,
  maxBytes: 1024,
  rate: { perSecond: 20, burst: 200 },
  data: Type.Object({
    node_id: Guid,
    circuit: Circuit,
    key: Nonce,
    depth: Type.Integer({ minimum: 1, maximum: MAX_HOPS }),
  }),
});

export const CIRCUIT_OPENED = defineVerb({
  name: 'CIRCUIT_OPENED',
  summary: 'The answer: a new X25519 key of the hop, and its signature over both keys.',
  ...link,
  maxBytes: 1024,
  rate: { perSecond: 20, burst: 200 },
  data: Type.Object({ node_id: Guid, circuit: Circuit, key: Nonce, sig: Signature }),
});

export const CELL = defineVerb({
  name: 'CELL',
  summary: 'A piece of what goes by a circuit, in either direction: always of one length, and encrypted once for each hop.',
  ...link,
  maxBytes: 8192,
  rate: { perSecond: 5000, burst: 20_000 },
  data: Type.Object({ node_id: Guid, circuit: Circuit, cell: Base64(CELL_BYTES) }),
});

export const CIRCUIT_CLOSE = defineVerb({
  name: 'CIRCUIT_CLOSE',
  summary: 'Ends a circuit, in both directions; or says that it cannot be opened.',
  ...link,
  maxBytes: 1024,
  rate: { perSecond: 100, burst: 1000 },
  data: Type.Object({ node_id: Guid, circuit: Circuit, reason: Type.Optional(Text(64)) }),
});

export const EXTEND = defineVerb({
  name: 'EXTEND',
  summary: 'Tells the last hop which server is to be the next one, and the X25519 key for that one.',
  ...inside,
  maxBytes: 1024,
  rate: { perSecond: 1, burst: MAX_HOPS },
  data: Type.Object({ node_id: Guid, key: Nonce }),
});

export const EXTENDED = defineVerb({
  name: 'EXTENDED',
  summary: 'What the next hop has answered, or why there is none.',
  ...inside,
  maxBytes: 1024,
  rate: { perSecond: 1, burst: MAX_HOPS },
  data: Type.Object({ key: Type.Optional(Nonce), sig: Type.Optional(Signature), reason: Type.Optional(Text(64)) }),
});

/** Bytes of the envelope in one CARRY: what SEALED allows. */
const MAX_ENVELOPE_BYTES = 660 * 1024;

export const CARRY = defineVerb({
  name: 'CARRY',
  summary: 'Gives the last hop an envelope to send to a node in its own name, as SEALED: with custody, or once.',
  ...inside,
  maxBytes: 960 * 1024,
  rate: { perSecond: 50, burst: 1000 },
  data: Type.Object({
    msg_id: Guid,
    recipient_id: Guid,
    custody: Type.Boolean(),
    receipt: Type.Optional(
      Type.Boolean({ description: 'false: the recipient gives none, so the custody of the last hop ends with the ACK of the next node' }),
    ),
    sealed: Base64(MAX_ENVELOPE_BYTES),
  }),
});

export const CARRIED = defineVerb({
  name: 'CARRIED',
  summary: 'The last hop has custody of an envelope, on disk; or does not take it, and why.',
  ...inside,
  maxBytes: 1024,
  rate: { perSecond: 50, burst: 1000 },
  data: Type.Object({ msg_id: Guid, reason: Type.Optional(Text(64)) }),
});

export const REPORT = defineVerb({
  name: 'REPORT',
  summary: 'What the recipient has signed about an envelope: its RECEIPT or NACK, whole.',
  ...inside,
  maxBytes: 64 * 1024,
  rate: { perSecond: 50, burst: 1000 },
  data: Type.Object({ report: Type.Object({}, { description: 'a message with `auth`' }) }),
});

const SeekId = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'chosen by the asker' });

export const SEEK = defineVerb({
  name: 'SEEK',
  summary: 'Asks the last hop for the record of a node, or for its certificate.',
  ...inside,
  maxBytes: 1024,
  rate: { perSecond: 2, burst: 20 },
  data: Type.Object({ seek_id: SeekId, target: Guid, what: Type.Union([Type.Literal('record'), Type.Literal('certificate')]) }),
});

export const SOUGHT = defineVerb({
  name: 'SOUGHT',
  summary: 'Answers SEEK: a record as in the registry, or a certificate in DER; without `found` there is none.',
  ...inside,
  maxBytes: 32 * 1024,
  rate: { perSecond: 2, burst: 20 },
  data: Type.Object({ seek_id: SeekId, found: Type.Optional(Base64(16 * 1024)) }),
});

export const HIDDEN = defineVerb({
  name: 'HIDDEN',
  summary: 'A whole message that came by circuit, as its origin has signed it: for those on the way the envelope is of the last hop.',
  source: '+',
  reach: 'sealed',
  ttl: 0,
  proof: 'sealed',
  acked: false,
  maxBytes: 480 * 1024,
  rate: { perSecond: 100, burst: 1000 },
  data: Type.Object({
    msg_id: Guid,
    node_id: Guid,
    proof: Token,
    message: Type.Object({}, { description: 'a directed message, its origin another node' }),
  }),
});

export const circuitVerbs = [
  CIRCUIT_OPEN,
  CIRCUIT_OPENED,
  CELL,
  CIRCUIT_CLOSE,
  EXTEND,
  EXTENDED,
  CARRY,
  CARRIED,
  REPORT,
  SEEK,
  SOUGHT,
  HIDDEN,
] as const;
