import { Attributes, Guid, KeyId, Nonce, Signature, Text, Timestamp, Type } from '../wire/schema.ts';
import { type DataOf, defineVerb } from '../wire/verb.ts';

const TransferNumber = Type.Integer({ minimum: 0, maximum: 0xffff_ffff, description: 'transfer number' });
const linkOnly = { reach: 'link', ttl: 1, proof: 'link', acked: false } as const;

export const HELLO = defineVerb({
  name: 'HELLO',
  summary: 'Presents a node to its neighbour: the first message on a link, exactly one each way.',
  source: 'S2',
  ...linkOnly,
  opening: true,
  maxBytes: 8192,
  rate: { perSecond: 1, burst: 4 },
  data: Type.Object({
    node_id: Guid,
    version: Type.Optional(Text(64)),
    attributes: Attributes,
    time: Type.Optional(Timestamp),
    seen_address: Type.Optional(Text(128)),
    nonce: Type.Optional(Nonce),
    key: Type.Optional(KeyId),
    dial: Type.Optional(
      Type.Object({
        run: Guid,
        count: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'grows with each dial of that run' }),
      }),
    ),
  }),
});

/** Which of its dials a link comes from, as the side that dialled says: `count` grows in each `run` of that node. */
export type Dial = NonNullable<DataOf<typeof HELLO>['dial']>;

export const PROOF = defineVerb({
  name: 'PROOF',
  summary: 'Proves the key of a node where the transport did not: a signature over both nonces and the binding.',
  source: '+',
  ...linkOnly,
  opening: true,
  maxBytes: 1024,
  rate: { perSecond: 1, burst: 4 },
  data: Type.Object({ sig: Signature }),
  origin: () => '',
});

export const BYE = defineVerb({
  name: 'BYE',
  summary: 'Says why a link is about to be closed by the one who sends it. A hint for people; nothing depends on it.',
  source: '+',
  ...linkOnly,
  opening: true,
  maxBytes: 1024,
  rate: { perSecond: 1, burst: 4 },
  data: Type.Object({ reason: Text(128) }),
  origin: () => '',
});

export const TRANSFER_OPEN = defineVerb({
  name: 'TRANSFER_OPEN',
  summary: 'Announces a stream of bytes from the sender: what it is, and how long if that is known.',
  source: '+',
  ...linkOnly,
  maxBytes: 16_384,
  rate: { perSecond: 100, burst: 200 },
  data: Type.Object({
    transfer: TransferNumber,
    kind: Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$' }),
    size: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
    meta: Type.Optional(Type.Object({})),
  }),
  origin: () => '',
});

export const TRANSFER_CREDIT = defineVerb({
  name: 'TRANSFER_CREDIT',
  summary: 'Allows the sender of a transfer so many bytes more.',
  source: '+',
  ...linkOnly,
  maxBytes: 1024,
  rate: { perSecond: 10_000, burst: 20_000 },
  data: Type.Object({ transfer: TransferNumber, bytes: Type.Integer({ minimum: 1, maximum: 0x7fff_ffff }) }),
  origin: () => '',
});

export const TRANSFER_CLOSE = defineVerb({
  name: 'TRANSFER_CLOSE',
  summary: 'Ends a transfer: by its sender when all is sent, by either side with an `error` when it is given up.',
  source: '+',
  ...linkOnly,
  maxBytes: 1024,
  rate: { perSecond: 100, burst: 200 },
  data: Type.Object({ transfer: TransferNumber, error: Type.Optional(Text(64)) }),
  origin: () => '',
});

export const linkVerbs = [HELLO, PROOF, BYE, TRANSFER_OPEN, TRANSFER_CREDIT, TRANSFER_CLOSE] as const;
