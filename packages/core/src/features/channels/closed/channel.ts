import type { KeyBook } from '../../../identity/ids.ts';
import type { Crypto } from '../../../ports/crypto.ts';
import { base64url } from '../../../util/base64.ts';
import { utf8 } from '../../../util/bytes.ts';
import { ParleyError } from '../../../util/errors.ts';
import type { Entry, EntryReader, RoleEntry } from './entry.ts';
import { type Epoch, type EpochRow, rowOf, storedEpoch, supersedes } from './epochs.ts';
import { type ClosedState, lineOf, type MemberState, replay } from './roles.ts';

/** Entries of one channel. */
export const MAX_ENTRIES = 1000;
/** Of these by all who never were owner or moderator; by those who were and are no owner now, with them: so whoever fills the rest can be sent away. */
const MAX_BY_MEMBERS = 700;
const MAX_BUT_OWNERS = 900;
/** By one signer who is, or was, owner or moderator; by any other. The creator has no such limit. */
const MAX_BY_MODERATOR = 500;
const MAX_BY_MEMBER = 100;
/** Epochs that are kept of one channel. */
const MAX_EPOCHS = 64;

/** What is kept of a closed channel. */
export interface ClosedRow {
  readonly id: string;
  readonly creator: string;
  readonly nonce: string;
  readonly entries: readonly string[];
  readonly epochs: readonly EpochRow[];
}

/** One closed channel as this node knows it: who is in it, and its keys. No ports, no time. */
export class ClosedChannel {
  readonly id: string;
  /** Key id. */
  readonly creator: string;
  readonly nonce: string;
  readonly #crypto: Crypto;
  readonly #keys: KeyBook;
  readonly #epochs = new Map<string, Epoch>();
  #state: ClosedState;
  #digest: string | undefined;
  #byNode: Map<string, MemberState> | undefined;

  constructor(deps: { readonly crypto: Crypto; readonly keys: KeyBook }, about: Pick<ClosedRow, 'id' | 'creator' | 'nonce'>) {
    this.#crypto = deps.crypto;
    this.#keys = deps.keys;
    this.id = about.id;
    this.creator = about.creator;
    this.nonce = about.nonce;
    this.#state = replay(this.creator, []);
  }

  static restore(deps: { readonly crypto: Crypto; readonly keys: KeyBook; readonly entries: EntryReader }, row: ClosedRow): ClosedChannel {
    const channel = new ClosedChannel(deps, row);
    channel.#take(row.entries.flatMap((signed) => deps.entries.trusted(row.id, signed) ?? []));
    for (const epoch of row.epochs) {
      const read = storedEpoch(deps.crypto, row.id, epoch);
      if (read) channel.#epochs.set(read.kid, read);
    }
    return channel;
  }

  row(): ClosedRow {
    const { id, creator, nonce } = this;
    return { id, creator, nonce, entries: this.signed(), epochs: [...this.#epochs.values()].map(rowOf) };
  }

  get state(): ClosedState {
    return this.#state;
  }

  /** Entries as they were signed. */
  signed(): string[] {
    return this.#state.effective.map(({ signed }) => signed);
  }

  /** Whether an entry is here, and has taken effect. */
  has({ digest }: Entry): boolean {
    return this.#state.effective.some((entry) => entry.digest === digest);
  }

  /** The same for everybody who has the same entries. */
  get digest(): string {
    this.#digest ??= base64url(this.#crypto.sha256(utf8(this.#state.effective.map(({ digest }) => digest).join('\n'))).subarray(0, 12));
    return this.#digest;
  }

  /** Takes entries. Those without effect are not kept: who has what gives them effect sends them again. Returns whether anything changed. */
  merge(entries: readonly Entry[]): boolean {
    const known = new Set(this.#state.effective.map(({ digest }) => digest));
    const news = [...new Map(entries.map((entry) => [entry.digest, entry])).values()].filter(({ digest }) => !known.has(digest));
    if (news.length === 0) return false;
    // What gives somebody their role may be among what comes.
    const then = replay(this.creator, [...this.#state.effective, ...news.slice(0, MAX_ENTRIES)]);
    const room = new Room(then, this.creator, this.#state.effective);
    return this.#take([...this.#state.effective, ...news.filter((entry) => room.take(entry))]);
  }

  /** Whether another entry of a signer would be kept. Errors: `quota`. */
  checkRoom(signer: string): void {
    const full = new Room(this.#state, this.creator, this.#state.effective).fullFor(signer);
    if (full === 'channel')
      throw new ParleyError(
        'quota',
        'this channel has seen as many changes of members, roles and settings as it can hold: begin a new one',
      );
    if (full === 'signer')
      throw new ParleyError(
        'quota',
        'one member has changed as much of members, roles and settings in this channel as one may: ask an owner',
      );
  }

  #take(entries: readonly Entry[]): boolean {
    const before = this.digest;
    this.#state = replay(this.creator, entries);
    this.#digest = undefined;
    this.#byNode = undefined;
    return this.digest !== before;
  }

  member(keyId: string): MemberState | undefined {
    return this.#state.members.get(keyId);
  }

  memberAt(nodeId: string): MemberState | undefined {
    if (!this.#byNode) {
      this.#byNode = new Map();
      for (const member of this.#state.members.values()) this.#byNode.set(this.nodeId(member.key), member);
    }
    return this.#byNode.get(nodeId);
  }

  /** Who has the place of a key: it, or the last of those to which it was handed on. */
  holderOf(keyId: string): MemberState | undefined {
    return this.member(lineOf(this.#state.heirs, keyId).at(-1) as string) ?? this.member(keyId);
  }

  /** The same by node id. */
  holderAt(nodeId: string): MemberState | undefined {
    const former = [...this.#state.heirs.keys()].find((key) => this.nodeId(key) === nodeId);
    return this.memberAt(nodeId) ?? (former === undefined ? undefined : this.holderOf(former));
  }

  /**
   * Whether a node of which nobody has told that it is in the channel may be so all the same: it never was, or it seals with a key that no member has
   * given to anybody who was gone.
   */
  mayBeNew(nodeId: string, kid: string): boolean {
    const member = this.memberAt(nodeId);
    if (member) return !member.joined;
    return !this.hasLeft(nodeId) || (this.current?.kid === kid && !this.needsEpoch);
  }

  /** Whether a node was in the channel, and is not any more. */
  hasLeft(nodeId: string): boolean {
    if (this.memberAt(nodeId)) return false;
    for (const key of this.#state.wrote.keys()) if (this.nodeId(key) === nodeId) return true;
    return false;
  }

  /** The entry by which somebody has made a key a member. */
  invitationOf(keyId: string): RoleEntry | undefined {
    return this.#state.effective.findLast(
      (entry): entry is RoleEntry => entry.kind === 'role' && entry.member === keyId && entry.signer !== keyId,
    );
  }

  /** Node ids of those who have accepted. */
  joined(): string[] {
    return [...this.#state.members.values()].filter(({ joined }) => joined).map(({ key }) => this.nodeId(key));
  }

  nodeId(keyId: string): string {
    return this.#keys.resolve(keyId)?.nodeId ?? '';
  }

  /** The epoch under which is sealed. */
  get current(): Epoch | undefined {
    let current: Epoch | undefined;
    for (const epoch of this.#epochs.values()) if (!current || supersedes(epoch, current)) current = epoch;
    return current;
  }

  epoch(kid: string): Epoch | undefined {
    return this.#epochs.get(kid);
  }

  epochs(): Epoch[] {
    return [...this.#epochs.values()];
  }

  /** Whether somebody who is gone has the current key: then it must not be used. */
  get needsEpoch(): boolean {
    const { current } = this;
    return !current || this.#state.removals.some((digest) => !current.covers.has(digest));
  }

  /** Takes an epoch. `now`: milliseconds since 1970. */
  add(epoch: Epoch, now: number): void {
    if (this.#epochs.has(epoch.kid)) return;
    this.#epochs.set(epoch.kid, epoch);
    const { current } = this;
    for (const other of this.#epochs.values()) if (other !== current) other.replaced ??= now;
    // The oldest first.
    const rest = [...this.#epochs.values()].filter((other) => other !== current).sort((a, b) => (supersedes(a, b) ? 1 : -1));
    for (const old of rest.slice(0, Math.max(0, this.#epochs.size - MAX_EPOCHS))) this.#epochs.delete(old.kid);
  }

  /** Destroys keys that were replaced before a time. Returns whether there were any. */
  destroyReplaced(before: number): boolean {
    let any = false;
    for (const { kid, replaced } of this.#epochs.values())
      if (replaced !== undefined && replaced < before) any = this.#epochs.delete(kid) || any;
    return any;
  }
}

/** Room for entries: a member may sign without end. */
class Room {
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
