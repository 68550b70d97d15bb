import type { Link } from '../link/index.ts';
import type { StoreWrite } from '../ports/store.ts';
import type { Awaitable } from '../util/awaitable.ts';
import type { JsonObject } from '../wire/json.ts';
import type { VerifiedJws } from '../wire/jws.ts';
import type { Message } from '../wire/message.ts';

/** A message that has reached this node, its origin proved. */
export interface Arrival<D = JsonObject> {
  readonly data: D;
  readonly message: Message;
  /** Node id of the origin. */
  readonly origin: string;
  /** The neighbour that brought it. */
  readonly from: Link;
  /** The JWS that proves it, where the verb has one (`VerbSpec.jws`). */
  readonly jws?: VerifiedJws | undefined;
  /** Of what came inside SEALED: the id of what it was sealed with, and the channel that stands on the envelope. */
  readonly sealed?: { readonly kid: string; readonly toCertificate: boolean; readonly channelId: string | undefined };
}

/**
 * What a feature makes of a directed message. `accept`: `writes` go to disk before it is acknowledged, then `done` is called; `coming` while they
 * are on their way there. `refuse`: the
 * origin gets a NACK. `drop`: it is not what it claims to be, and ends here, counted. `later`: it cannot be taken now, and is not
 * acknowledged; whoever holds it tries again. `proof` goes into the answer: it was in what came.
 */
export type Verdict =
  | {
      readonly verdict: 'accept';
      readonly writes?: readonly StoreWrite[];
      readonly receipt?: boolean;
      readonly proof?: string | undefined;
      readonly coming?: () => void;
      readonly done?: () => void;
      readonly failed?: () => void;
    }
  | { readonly verdict: 'refuse'; readonly reason: string; readonly proof?: string | undefined }
  | { readonly verdict: 'drop'; readonly reason: string }
  | { readonly verdict: 'later'; readonly reason: string };

export type Refusal = Exclude<Verdict, { readonly verdict: 'accept' }>;

export const ACCEPT: Verdict = { verdict: 'accept' };

export type Handler<D> = (arrival: Arrival<D>) => Awaitable<Verdict>;
