import type { StoreWrite } from '../ports/store.ts';
import type { Awaitable } from '../util/awaitable.ts';
import type { JsonObject } from '../wire/json.ts';
import type { Verb } from '../wire/verb.ts';
import type { Arrival, Refusal } from './arrival.ts';

/** What was sealed, and what has to be on disk before it is sent (a ratchet has moved on, for example). */
export interface SealedContent {
  /** A compact JWE. */
  readonly compact: string;
  readonly writes?: readonly StoreWrite[];
  /** Who can open it, by node id, where that is not all of those for whom it was sealed: the others have it by catch-up. */
  readonly recipients?: readonly string[];
}

/** What a sealed message holds, and what has to be on disk together with it; or why it cannot be had. */
export type Opened =
  | { readonly verdict: 'opened'; readonly content: JsonObject; readonly writes?: readonly StoreWrite[] }
  /** It was opened before, and is kept. */
  | { readonly verdict: 'accept'; readonly receipt: true }
  | Refusal;

/**
 * How messages of conversations travel that not everybody may read: what is sealed is only the way, and the author's JWS inside is the same as
 * in public. Conversations are named by the id of their channel, nodes by node id.
 */
export interface Sealing {
  /**
   * Seals for all members. The key is chosen before anything is awaited. `later`: there is none yet, and it is being seen to. Errors: `not-member`,
   * `refused` for one who may not write.
   */
  seal(
    channelId: string,
    content: JsonObject,
    about: { readonly msgId: string; readonly recipients: readonly string[] },
  ): Awaitable<SealedContent | 'later'>;
  /**
   * Opens what `origin`, who is proved, has sent. `later`: its key is being asked for; `refuse` and `drop`: it is from nobody who may write
   * there, or does not open.
   */
  open(
    channelId: string,
    message: { readonly origin: string; readonly msgId: string; readonly parts: readonly string[] },
  ): Awaitable<Opened>;
  /** Says a verb to one member, sealed, without custody. Does nothing where that is impossible now. */
  say<N extends string, D extends object>(
    channelId: string,
    nodeId: string,
    verb: Verb<N, D>,
    data: Omit<D, 'node_id' | 'msg_id' | 'recipient_id'>,
  ): Promise<void>;
  /** Says something fleeting to some members. Does nothing where that is impossible now, or this user may not write there. */
  utter<N extends string, D extends object>(
    channelId: string,
    nodeIds: readonly string[],
    verb: Verb<N, D>,
    data: Omit<D, 'node_id' | 'msg_id' | 'recipient_id'>,
  ): Promise<void>;
  /** Throws `refused` where this user may not write now, before anything is kept of what they wrote. Default: `seal` alone decides. */
  checkWriting?(channelId: string): void;
  /** Whether a node may write in the conversation now. */
  mayWrite(channelId: string, nodeId: string): boolean;
  /** Whether what came inside SEALED is a member's word in this conversation. */
  admits(channelId: string, arrival: Pick<Arrival<unknown>, 'origin' | 'sealed' | 'data'>): boolean;
  /** Whether a member may be told what the user does in the conversation beside writing, such as that they have read it. */
  confides(channelId: string, nodeId: string): boolean;
  /** The key id that a message of an author has to name in its payload; nothing where it names nobody. */
  addressee?(channelId: string, author: string): string | undefined;
  /** Whether a message that `nodeId` signed at some time (milliseconds since 1970) belongs into the conversation: for what catch-up gives. */
  mayHaveWritten(channelId: string, nodeId: string, at: number): boolean;
  /** Whether what an author wrote counts when a member gives it by catch-up. Default: always. */
  vouches?(channelId: string, member: string, author: string): boolean;
  /** What a member may be given by catch-up: what was written since it came, and of what was before nothing, all, or the last so many. Default: all. */
  historyFor?(channelId: string, nodeId: string): { readonly since: number; readonly before: 'none' | 'all' | number };
}
