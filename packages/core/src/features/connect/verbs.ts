import { Guid, Type } from '../../wire/schema.ts';
import { defineVerb } from '../../wire/verb.ts';
import { socketAt } from './socket.ts';

/** A port, or `HOST:PORT`, or nothing yet (S2 CONNECT: "a full or partial socket"). */
const Socket = Type.String({
  pattern: '^([^\\s\\u0000-\\u001f]{1,255}:)?[0-9]{1,5}$|^$',
  description: 'socket, whole or in part, or empty',
});

export const CONNECT = defineVerb({
  name: 'CONNECT',
  summary: 'Opens a path between two nodes behind NATs: each tells the other, through a server, the socket that it opened.',
  source: 'S2',
  reach: 'directed',
  ttl: 32,
  proof: 'auth',
  acked: false,
  unsigned: ['src', 'dst'],
  maxBytes: 4096,
  rate: { perSecond: 5, burst: 50 },
  data: Type.Object({ msg_id: Type.Optional(Guid), src_node_id: Guid, dst_node_id: Guid, dst: Socket, src: Socket }),
  // While `dst` is empty it is the question of the source; then it is the answer of the destination (WIRE "CONNECT").
  origin: (data) => (data.dst === '' ? data.src_node_id : data.dst_node_id),
  // S2, steps 2 and 4: "S forwards the message, applying A's IP".
  seenFrom: (data, host) => (data.dst === '' ? { ...data, src: socketAt(data.src, host) } : { ...data, dst: socketAt(data.dst, host) }),
  recipients: (data) => [data.dst === '' ? data.dst_node_id : data.src_node_id],
});

export const connectVerbs = [CONNECT] as const;
