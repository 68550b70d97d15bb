import { Base64, Guid, KeyId, Name, Nonce, Text, Type } from '../../../wire/schema.ts';
import { defineVerb } from '../../../wire/verb.ts';
import { SignedEntry } from '../verbs.ts';
import { MAX_ENTRIES } from './room.ts';

const directed = { reach: 'directed', ttl: 32, proof: 'auth', acked: true, source: 'S2', rate: { perSecond: 20, burst: 200 } } as const;
/** A closed channel's name is empty on the wire (WIRE "Closed channels"). */
const ChannelName = Type.Union([Name, Type.Literal('')]);

export const GETKEY = defineVerb({
  name: 'GETKEY',
  summary: 'Asks a member of a closed channel for its key.',
  ...directed,
  maxBytes: 8192,
  data: Type.Object({ msg_id: Guid, node_id: Guid, recipient_id: Guid, channel: ChannelName, channel_id: Guid }),
});

/** Bytes of the sealed keys in one KEY. */
export const MAX_KEY_BYTES = 40 * 1024;

export const KEY = defineVerb({
  name: 'KEY',
  summary: "Gives the key of a closed channel, sealed to the recipient's certificate.",
  ...directed,
  maxBytes: 64 * 1024,
  data: Type.Object({
    msg_id: Guid,
    node_id: Guid,
    recipient_id: Guid,
    channel: ChannelName,
    channel_id: Guid,
    cipher: Text(32),
    key: Base64(MAX_KEY_BYTES),
  }),
});

export const INVITE = defineVerb({
  name: 'INVITE',
  summary: 'Invites to a closed channel: what it is called, and what its members have signed on who is in it.',
  source: '+',
  reach: 'sealed',
  ttl: 32,
  proof: 'sealed',
  acked: true,
  maxBytes: 640 * 1024,
  rate: { perSecond: 0.1, burst: 20 },
  data: Type.Object({
    msg_id: Guid,
    node_id: Guid,
    recipient_id: Guid,
    channel: Name,
    channel_id: Guid,
    creator: KeyId,
    nonce: Nonce,
    entries: Type.Array(SignedEntry, { maxItems: MAX_ENTRIES }),
  }),
});

export const closedVerbs = [GETKEY, KEY, INVITE] as const;
