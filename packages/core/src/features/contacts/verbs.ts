import { Base64, Guid, Name, Text, Timestamp, Type } from '../../wire/schema.ts';
import { defineVerb } from '../../wire/verb.ts';

/** Bytes of the words that go with a request. */
export const MAX_NOTE_BYTES = 280;
/** Bytes of the JWS that names a new key. */
const MAX_STATEMENT_BYTES = 4096;
/** Bytes of what a direct session is begun with. */
const MAX_OPENING_BYTES = 4096;

const sealed = { reach: 'sealed', ttl: 0, proof: 'sealed', acked: false, source: '+' } as const;

export const CONTACT = defineVerb({
  name: 'CONTACT',
  summary: 'Asks to be a contact, with a few words, the name of who asks, and the key package with which a direct session can be begun.',
  ...sealed,
  maxBytes: 16 * 1024,
  rate: { perSecond: 0.1, burst: 5 },
  data: Type.Object({
    msg_id: Guid,
    node_id: Guid,
    name: Name,
    text: Type.Optional(Text(MAX_NOTE_BYTES)),
    package: Type.Optional(Base64(MAX_OPENING_BYTES)),
  }),
});

export const CONTACT_ANSWER = defineVerb({
  name: 'CONTACT_ANSWER',
  summary: 'Accepts or declines what CONTACT asked; with the beginning of a direct session where that was asked for.',
  ...sealed,
  maxBytes: 16 * 1024,
  rate: { perSecond: 0.5, burst: 20 },
  data: Type.Object({
    msg_id: Guid,
    node_id: Guid,
    answer: Type.Union([Type.Literal('accepted'), Type.Literal('declined')]),
    /** When CONTACT was written that this answers, by its `auth`. */
    asked: Timestamp,
    welcome: Type.Optional(Base64(MAX_OPENING_BYTES)),
  }),
});

export const NEW_KEY = defineVerb({
  name: 'NEW_KEY',
  summary: 'Names the key that takes the place of an older one: signed by the old and by the new.',
  ...sealed,
  maxBytes: 16 * 1024,
  rate: { perSecond: 0.1, burst: 5 },
  data: Type.Object({ msg_id: Guid, node_id: Guid, statement: Base64(MAX_STATEMENT_BYTES) }),
});

export const contactVerbs = [CONTACT, CONTACT_ANSWER, NEW_KEY] as const;
