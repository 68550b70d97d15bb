import { Base64, Guid, Type } from '../../wire/schema.ts';
import { defineVerb } from '../../wire/verb.ts';

const MAX_BYTES = 4096;

export const SESSION = defineVerb({
  name: 'SESSION',
  summary: 'Begins a direct session with a contact: offers a key package for it, or answers one with a welcome.',
  source: '+',
  reach: 'sealed',
  ttl: 0,
  proof: 'sealed',
  acked: false,
  maxBytes: 16 * 1024,
  rate: { perSecond: 1, burst: 20 },
  data: Type.Object({
    msg_id: Guid,
    node_id: Guid,
    package: Type.Optional(Base64(MAX_BYTES)),
    welcome: Type.Optional(Base64(MAX_BYTES)),
  }),
});

export const directVerbs = [SESSION] as const;
