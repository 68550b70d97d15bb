import { verbs } from '@parley/core';
import type { Target } from './target.ts';
import { certificate } from './targets/certificates.ts';
import { framing } from './targets/frames.ts';
import { json } from './targets/json.ts';
import { jws } from './targets/jws.ts';
import { opening } from './targets/opening.ts';
import { packets } from './targets/packets.ts';
import { verbTarget } from './targets/verbs.ts';

/** One a verb, and one for each thing that reads what strangers send before it is a verb. */
export const targets: readonly Target[] = [framing, json, certificate, jws, opening, packets, ...verbs.all().map(verbTarget)];
