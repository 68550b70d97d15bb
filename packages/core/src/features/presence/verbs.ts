import { Guid, Type } from '../../wire/schema.ts';
import { defineVerb } from '../../wire/verb.ts';

/** Minutes since somebody was there, as far as it is told. */
export const MAX_IDLE_MIN = 7 * 24 * 60;

export const PRESENCE = defineVerb({
  name: 'PRESENCE',
  summary: 'Tells a contact whether the user of a device is there; how many minutes ago they were; or that nothing of it is told any more.',
  source: '+',
  reach: 'sealed',
  fleeting: true,
  ttl: 0,
  proof: 'sealed',
  acked: false,
  maxBytes: 512,
  rate: { perSecond: 0.2, burst: 10 },
  data: Type.Object({
    msg_id: Guid,
    node_id: Guid,
    recipient_id: Guid,
    state: Type.Union([Type.Literal('here'), Type.Literal('away'), Type.Literal('hidden')]),
    /** Of one who is away. */
    idle_min: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_IDLE_MIN })),
  }),
});

export const presenceVerbs = [PRESENCE] as const;
