import { Base64, Guid, Name, Nonce, Text, Type } from '../../wire/schema.ts';
import { defineVerb } from '../../wire/verb.ts';

/** Bytes of a device list: eight devices and as many that were revoked, each with its own statement. */
export const MAX_LIST_BYTES = 24 * 1024;
/** Bytes of what a new device signs. */
export const MAX_STATEMENT_BYTES = 1024;
/** Bytes of one thing that own devices share. */
export const MAX_VALUE_BYTES = 48 * 1024;
export const MAX_ROWS = 200;

const sealed = { reach: 'sealed', ttl: 0, proof: 'sealed', acked: false, source: '+' } as const;

export const DEVICE_ASK = defineVerb({
  name: 'DEVICE_ASK',
  summary: 'Asks a new device to become one of the sender, who proves to have its code.',
  ...sealed,
  maxBytes: 4096,
  rate: { perSecond: 0.2, burst: 10 },
  data: Type.Object({ msg_id: Guid, node_id: Guid, name: Name, proof: Nonce }),
});

export const DEVICE_ANSWER = defineVerb({
  name: 'DEVICE_ANSWER',
  summary: 'The new device agrees: it proves the code too, and signs whose device it is.',
  ...sealed,
  maxBytes: 8192,
  rate: { perSecond: 0.2, burst: 10 },
  data: Type.Object({ msg_id: Guid, node_id: Guid, name: Name, proof: Nonce, statement: Base64(MAX_STATEMENT_BYTES) }),
});

export const DEVICES = defineVerb({
  name: 'DEVICES',
  summary: 'The devices of a person, as the key of the person has signed them.',
  ...sealed,
  maxBytes: 64 * 1024,
  rate: { perSecond: 0.2, burst: 20 },
  data: Type.Object({ msg_id: Guid, node_id: Guid, list: Base64(MAX_LIST_BYTES) }),
});

export const DEVICE_NEWS = defineVerb({
  name: 'DEVICE_NEWS',
  summary:
    'What the devices of one person share: contacts, channels, marks; or the digest of it, by which they find out whether it is the same.',
  ...sealed,
  maxBytes: 256 * 1024,
  rate: { perSecond: 10, burst: 400 },
  data: Type.Object({
    msg_id: Guid,
    node_id: Guid,
    digest: Type.Optional(Text(64)),
    rows: Type.Optional(
      Type.Array(
        Type.Object({
          key: Type.String({ pattern: '^[a-z]{1,16}/[A-Za-z0-9_-]{1,64}$' }),
          time: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
          value: Type.Optional(Base64(MAX_VALUE_BYTES)),
        }),
        { maxItems: MAX_ROWS },
      ),
    ),
  }),
});

export const DEVICE_FOLLOWS = defineVerb({
  name: 'DEVICE_FOLLOWS',
  summary: 'A device goes along where the key of its person is replaced: it signs whose it is from then on.',
  ...sealed,
  maxBytes: 4096,
  rate: { perSecond: 0.2, burst: 10 },
  data: Type.Object({ msg_id: Guid, node_id: Guid, statement: Base64(MAX_STATEMENT_BYTES) }),
});

export const deviceVerbs = [DEVICE_ASK, DEVICE_ANSWER, DEVICES, DEVICE_NEWS, DEVICE_FOLLOWS] as const;
