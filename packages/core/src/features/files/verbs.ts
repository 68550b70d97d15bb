import { Base64, Guid, Type } from '../../wire/schema.ts';
import { defineVerb } from '../../wire/verb.ts';
import { MAX_LEVELS, SEALED_BYTES } from './layout.ts';

const Root = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256, hexadecimal' });
const Index = Type.Integer({ minimum: 0, maximum: 0xffff_ffff });
const Level = Type.Integer({ minimum: 0, maximum: MAX_LEVELS - 1 });
/** Chunks that one FILE_WANT names, and runs of chunks in one FILE_STATE. */
export const MAX_WANTED = 64;
export const MAX_RUNS = 500;

const directed = { source: '+', reach: 'directed', ttl: 32, proof: 'auth', acked: false } as const;

export const FILE_ASK = defineVerb({
  name: 'FILE_ASK',
  summary: 'Asks a member of a channel which chunks it holds of a file that was sent there.',
  ...directed,
  maxBytes: 4096,
  rate: { perSecond: 10, burst: 100 },
  data: Type.Object({ msg_id: Guid, node_id: Guid, recipient_id: Guid, channel_id: Guid, root: Root }),
});

export const FILE_STATE = defineVerb({
  name: 'FILE_STATE',
  summary: 'Answers FILE_ASK with the runs of chunks that are held; and FILE_WANT where what it names cannot be given, with `request`.',
  ...directed,
  maxBytes: 32 * 1024,
  rate: { perSecond: 20, burst: 200 },
  data: Type.Object({
    msg_id: Guid,
    node_id: Guid,
    recipient_id: Guid,
    root: Root,
    have: Type.Array(Type.Object({ from: Index, to: Index }), { maxItems: MAX_RUNS }),
    request: Type.Optional(Guid),
  }),
});

export const FILE_WANT = defineVerb({
  name: 'FILE_WANT',
  summary: 'Asks for sealed chunks: a neighbour answers with a transfer of kind `file`, others with FILE_CHUNK.',
  ...directed,
  maxBytes: 8192,
  rate: { perSecond: 50, burst: 200 },
  data: Type.Object({
    msg_id: Guid,
    node_id: Guid,
    recipient_id: Guid,
    channel_id: Guid,
    root: Root,
    level: Level,
    chunks: Type.Array(Index, { minItems: 1, maxItems: MAX_WANTED }),
  }),
});

export const FILE_CHUNK = defineVerb({
  name: 'FILE_CHUNK',
  summary: 'A sealed chunk of a file, for one that is no neighbour. `request` is the `msg_id` of its FILE_WANT.',
  ...directed,
  kind: 'bulk',
  maxBytes: 384 * 1024,
  rate: { perSecond: 20, burst: 64 },
  data: Type.Object({ msg_id: Guid, node_id: Guid, recipient_id: Guid, request: Guid, index: Index, data: Base64(SEALED_BYTES) }),
});

export const fileVerbs = [FILE_ASK, FILE_STATE, FILE_WANT, FILE_CHUNK] as const;
