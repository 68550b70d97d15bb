import type { Entry } from './entry.ts';
import type { ClosedState } from './roles.ts';

/** Entries of one channel. */
export const MAX_ENTRIES = 1000;
/** Of these by all who never were owner or moderator; by those who were and are no owner now, with them: so whoever fills the rest can be sent away. */
const MAX_BY_MEMBERS = 700;
const MAX_BUT_OWNERS = 900;
/** By one signer who is, or was, owner or moderator; by any other. The creator has no such limit. */
const MAX_BY_MODERATOR = 500;
const MAX_BY_MEMBER = 100;

/** Room for entries: a member may sign without end. */
export class Room {
  readonly #state: ClosedState;
  readonly #creator: string;
  readonly #by = new Map<string, number>();
  #members = 0;
  #moderators = 0;
  #owners = 0;

  constructor(state: ClosedState, creator: string, kept: readonly Entry[]) {
    this.#state = state;
    this.#creator = creator;
    for (const entry of kept) this.#count(entry);
  }

  /** Whether there is room for one more; then it is taken. */
  take(entry: Entry): boolean {
    if (this.fullFor(entry.signer) !== undefined) return false;
    this.#count(entry);
    return true;
  }

  /** What is in the way of one more: all that there is, or what that signer has said. */
  fullFor(signer: string): 'channel' | 'signer' | undefined {
    const moderated = this.#state.moderated.has(signer);
    const each = signer === this.#creator ? MAX_ENTRIES : moderated ? MAX_BY_MODERATOR : MAX_BY_MEMBER;
    const others = this.#members + this.#moderators;
    if (others + this.#owners >= MAX_ENTRIES) return 'channel';
    if (!this.#isOwner(signer) && (others >= MAX_BUT_OWNERS || (!moderated && this.#members >= MAX_BY_MEMBERS))) return 'channel';
    return (this.#by.get(signer) ?? 0) >= each ? 'signer' : undefined;
  }

  #isOwner(signer: string): boolean {
    return this.#state.members.get(signer)?.role === 'owner';
  }

  #count({ signer }: Entry): void {
    this.#by.set(signer, (this.#by.get(signer) ?? 0) + 1);
    if (this.#isOwner(signer)) this.#owners++;
    else if (this.#state.moderated.has(signer)) this.#moderators++;
    else this.#members++;
  }
}
