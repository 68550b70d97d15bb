import type { Awaitable } from '../util/awaitable.ts';
import type { OriginFault } from '../wire/origin.ts';

/** A message of another node that is offered to us. */
export interface Offer {
  readonly uid: string;
  readonly type: string;
  readonly origin: string;
  readonly msgId: string;
  readonly from: string;
  readonly via: readonly string[];
  /** The server to which whoever passed it on has addressed it. */
  readonly toward: string | undefined;
  readonly recipients: readonly string[];
  /** As it will be sent on. */
  readonly body: string;
  /** Whether it is from its origin. Asked only when it matters: a signature is most of what a relay's work would be. */
  readonly prove: () => Awaitable<OriginFault | undefined>;
}

export interface Taken {
  readonly accepted: string[];
  readonly refused: { readonly recipient: string; readonly reason: string }[];
  /** It would have been stored for some, and is not from whom it says. */
  readonly unproved?: OriginFault;
}
