import { Base64, Guid, Name, Text, Type } from '../../wire/schema.ts';
import { defineVerb } from '../../wire/verb.ts';

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

export const KEY = defineVerb({
  name: 'KEY',
  summary: "Gives the key of a closed channel, sealed to the recipient's certificate.",
  ...directed,
  maxBytes: 8192,
  data: Type.Object({
    msg_id: Guid,
    node_id: Guid,
    recipient_id: Guid,
    channel: ChannelName,
    channel_id: Guid,
    cipher: Text(32),
    key: Base64(1024),
  }),
});

export const keyVerbs = [GETKEY, KEY] as const;
