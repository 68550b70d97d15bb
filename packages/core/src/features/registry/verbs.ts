import { Base64, Guid, Type } from '../../wire/schema.ts';
import { defineVerb } from '../../wire/verb.ts';
import { MAX_RECORD_BYTES } from './record.ts';

const link = { reach: 'link', kind: 'registry', ttl: 1, proof: 'link', acked: false, source: '+' } as const;
const Record = Base64(MAX_RECORD_BYTES);
const FindId = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'chosen by the asker' });
/** Records in one RECORDS. */
export const MAX_HANDED = 32;

export const PUBLISH = defineVerb({
  name: 'PUBLISH',
  summary:
    "The sender's own record, for a server, or that of a node that names the sender among its attachments. With `store` it is to be put into the table.",
  ...link,
  maxBytes: 4096,
  rate: { perSecond: 5, burst: 200 },
  data: Type.Object({ node_id: Guid, record: Record, store: Type.Optional(Type.Boolean()) }),
});

export const FIND_RECORD = defineVerb({
  name: 'FIND',
  summary: 'Asks a server for the record of a node. `depth`: how many servers further it may ask over links where it has no table.',
  ...link,
  maxBytes: 1024,
  rate: { perSecond: 50, burst: 200 },
  data: Type.Object({
    node_id: Guid,
    find_id: FindId,
    target: Guid,
    depth: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 })),
  }),
});

export const FOUND = defineVerb({
  name: 'FOUND',
  summary: 'Answers FIND with the newest record that could be found; without `record` there is none.',
  ...link,
  maxBytes: 4096,
  rate: { perSecond: 200, burst: 1000 },
  data: Type.Object({ node_id: Guid, find_id: FindId, record: Type.Optional(Record) }),
});

export const RECORDS = defineVerb({
  name: 'RECORDS',
  summary:
    'Part of the registry, for a newcomer (S4): the own record of the server that sends it, other servers, and some nodes. Without records: asks a server for them.',
  ...link,
  maxBytes: 64 * 1024,
  rate: { perSecond: 0.1, burst: 4 },
  data: Type.Object({ node_id: Guid, records: Type.Array(Record, { maxItems: MAX_HANDED }) }),
});

export const registryVerbs = [PUBLISH, FIND_RECORD, FOUND, RECORDS] as const;
