import type { KeyBook } from '../../../identity/ids.ts';
import type { Crypto } from '../../../ports/crypto.ts';
import { base64url } from '../../../util/base64.ts';
import { utf8 } from '../../../util/bytes.ts';
import type { Entry, EntryReader, RoleEntry } from './entry.ts';
import { type Epoch, type EpochRow, rowOf, storedEpoch, supersedes } from './epochs.ts';
import { type ClosedState, type MemberState, replay } from './roles.ts';

/** Entries of one channel, and of those by one signer who is not its creator. */
export const MAX_ENTRIES = 1000;
const MAX_ENTRIES_EACH = 500;
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
    channel.merge(row.entries.flatMap((signed) => deps.entries.trusted(row.id, signed) ?? []));
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
    const all = new Map(this.#state.effective.map((entry) => [entry.digest, entry]));
    const counts = new Map<string, number>();
    for (const { signer } of all.values()) counts.set(signer, (counts.get(signer) ?? 0) + 1);
    for (const entry of entries) {
      const count = counts.get(entry.signer) ?? 0;
      if (all.has(entry.digest) || all.size >= MAX_ENTRIES || (entry.signer !== this.creator && count >= MAX_ENTRIES_EACH)) continue;
      counts.set(entry.signer, count + 1);
      all.set(entry.digest, entry);
    }
    const before = this.digest;
    this.#state = replay(this.creator, all.values());
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
