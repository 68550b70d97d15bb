import type { HistoryPolicy, Role } from './closed/index.ts';

interface Signed {
  /** The same for everybody who knows of it. */
  readonly id: string;
  /** Milliseconds since 1970, by the clock of whoever did it. */
  readonly at: number;
  /** Who has signed it: a node id here, a key id among entries. */
  readonly by: string;
}

/** What somebody did about a member, who may be they themselves. */
export type MemberDeed = 'joined' | 'left' | 'declined' | 'removed' | 'uninvited' | 'key';

/** A change of a conversation itself, as the history tells of it. */
export type ChannelChange = Signed &
  (
    | { readonly kind: 'invited' | 'role'; readonly member: string; readonly role: Role }
    /** `key`: the member is the new key of whoever signed. */
    | { readonly kind: MemberDeed; readonly member: string }
    /** 0: messages stay. */
    | { readonly kind: 'timer'; readonly seconds: number }
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'history'; readonly history: HistoryPolicy }
  );

/** How a user comes to be in a conversation no more. */
export interface Ending {
  /** Somebody has removed them; `by`: node id. */
  readonly removed?: { readonly by?: string | undefined };
  /** What was changed until then: what it is read from goes with the conversation. */
  readonly changes?: readonly ChannelChange[];
}

/** Of one that the user is in no more. */
export const MAX_KEPT_CHANGES = 100;
/** Of one conversation so many are told, the latest. */
export const MAX_CHANGES = 300;
