import { Base64, Guid, Type } from '../../wire/schema.ts';
import { defineVerb } from '../../wire/verb.ts';

const directed = {
  reach: 'directed',
  kind: 'discovery',
  ttl: 32,
  proof: 'auth',
  acked: true,
  source: 'S2',
  rate: { perSecond: 20, burst: 200 },
} as const;

export const GETCERTIFICATE = defineVerb({
  name: 'GETCERTIFICATE',
  summary: 'Asks a node for its certificate.',
  ...directed,
  maxBytes: 4096,
  data: Type.Object({ msg_id: Guid, node_id: Guid, recipient_id: Guid }),
});

export const CERTIFICATE = defineVerb({
  name: 'CERTIFICATE',
  summary: "The sender's certificate: in answer to GETCERTIFICATE with the same `msg_id`. What was not asked for may be dropped.",
  ...directed,
  maxBytes: 32 * 1024,
  data: Type.Object({ msg_id: Guid, node_id: Guid, recipient_id: Guid, certificate: Base64(16 * 1024) }),
});

export const certificateVerbs = [GETCERTIFICATE, CERTIFICATE] as const;
