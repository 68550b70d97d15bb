import type { KeyBook } from '../../../identity/ids.ts';
import type { Crypto } from '../../../ports/crypto.ts';
import { base64url } from '../../../util/base64.ts';
import { utf8 } from '../../../util/bytes.ts';
import { ParleyError } from '../../../util/errors.ts';
import type { Entry, EntryReader, RoleEntry } from './entry.ts';
import { type Epoch, type EpochRow, rowOf, storedEpoch, supersedes } from './epochs.ts';
import { type ClosedState, lineOf, type MemberState, replay } from './roles.ts';
import { MAX_ENTRIES, Room } from './room.ts';

/** Epochs that are kept of one channel: of whoever made most of them the oldest go first. */
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
  /** Digests of all entries. */
  #known: ReadonlySet<string> = new Set();
  #byNode: Map<string, MemberState> | undefined;
  #current: Current | undefined;

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
    return this.#known.has(digest);
  }

  /** The same for everybody who has the same entries. */
  get digest(): string {
    this.#digest ??= base64url(this.#crypto.sha256(utf8(this.#state.effective.map(({ digest }) => digest).join('\n'))).subarray(0, 12));
    return this.#digest;
  }

  /** Takes entries. Those without effect are not kept: who has what gives them effect sends them again. Returns whether anything changed. */
  merge(entries: readonly Entry[]): boolean {
    const news = [...new Map(entries.map((entry) => [entry.digest, entry])).values()].filter((entry) => !this.has(entry));
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
    this.#known = new Set(this.#state.effective.map(({ digest }) => digest));
    this.#digest = undefined;
    this.#byNode = undefined;
    this.#current = undefined;
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
    const epoch = this.epoch(kid);
    return !this.hasLeft(nodeId) || (epoch !== undefined && this.#fitOf(epoch) !== 'none');
  }

  /** Whether a node was in the channel, and is not any more. */
  hasLeft(nodeId: string): boolean {
    if (this.memberAt(nodeId)) return false;
    for (const key of this.#state.came) if (this.nodeId(key) === nodeId) return true;
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

  /** The epoch under which is sealed: for those who are left, and if there is such a one, with nothing that is not known here. */
  get current(): Epoch | undefined {
    return this.#look().epoch;
  }

  epoch(kid: string): Epoch | undefined {
    return this.#epochs.get(kid);
  }

  epochs(): Epoch[] {
    return [...this.#epochs.values()];
  }

  /** Whether somebody who is gone has the current key: then it must not be used. */
  get needsEpoch(): boolean {
    return this.#look().fit === 'none';
  }

  /** Whether another epoch is to be made: also where all that there are cover what is not known here, and so can be given to nobody. */
  get lacksEpoch(): boolean {
    return this.#look().fit !== 'known';
  }

  /** Whether all is known by which an epoch says that somebody went. Until then nobody knows who must not have it. */
  knows({ covers }: Epoch): boolean {
    return [...covers].every((digest) => this.#known.has(digest));
  }

  /** The highest number that there is. */
  get highest(): number {
    return Math.max(0, ...[...this.#epochs.values()].map(({ number }) => number));
  }

  /** Takes an epoch. `now`: milliseconds since 1970. */
  add(epoch: Epoch, now: number): void {
    if (this.#epochs.has(epoch.kid)) return;
    this.#epochs.set(epoch.kid, epoch);
    epoch.replaced ??= now;
    this.#current = undefined;
    this.#note(now);
    if (this.#epochs.size <= MAX_EPOCHS) return;
    const rest = [...this.#epochs.values()].filter((other) => other !== this.current);
    const madeBy = (by: string): number => rest.filter((other) => other.by === by).length;
    const [old] = rest.sort((a, b) => madeBy(b.by) - madeBy(a.by) || (a.by === b.by ? (supersedes(a, b) ? 1 : -1) : a.by < b.by ? -1 : 1));
    if (old) this.#epochs.delete(old.kid);
  }

  /** Destroys keys that were replaced so long ago. Returns whether there were any. `now`: milliseconds since 1970. */
  destroyReplaced(now: number, keepMs: number): boolean {
    this.#note(now);
    let any = false;
    for (const { kid, replaced } of this.#epochs.values())
      if (replaced !== undefined && replaced < now - keepMs) any = this.#epochs.delete(kid) || any;
    return any;
  }

  /** What becomes of entries makes an epoch current, or another in its place. */
  #note(now: number): void {
    const { current } = this;
    for (const epoch of this.#epochs.values()) epoch.replaced = epoch === current ? undefined : (epoch.replaced ?? now);
  }

  #look(): Current {
    if (this.#current) return this.#current;
    let best: Current = { epoch: undefined, fit: 'none' };
    for (const epoch of this.#epochs.values()) {
      const fit = this.#fitOf(epoch);
      const better = FITS.indexOf(fit) - FITS.indexOf(best.fit);
      if (!best.epoch || better > 0 || (better === 0 && isBetter(epoch, best.epoch, fit))) best = { epoch, fit };
    }
    this.#current = best;
    return best;
  }

  #fitOf(epoch: Epoch): Fit {
    const { removals, came } = this.#state;
    if (!came.has(epoch.by) || removals.some((digest) => !epoch.covers.has(digest))) return 'none';
    return this.knows(epoch) ? 'known' : 'unknown';
  }
}

/** Of those that are as good the one of the lowest maker, and of one maker's the one that was here first: however many one makes, others go on with what they have. */
function isBetter(a: Epoch, b: Epoch, fit: Fit): boolean {
  if (fit !== 'known') return supersedes(a, b);
  if (a.by !== b.by) return a.by < b.by;
  const replaced = (epoch: Epoch): number => epoch.replaced ?? 0;
  return replaced(a) !== replaced(b) ? replaced(a) < replaced(b) : supersedes(b, a);
}

/** Whether an epoch, made by somebody who was in it, covers all removals that are known here (`none`: not), and nothing else. */
const FITS = ['none', 'unknown', 'known'] as const;
type Fit = (typeof FITS)[number];

interface Current {
  readonly epoch: Epoch | undefined;
  readonly fit: Fit;
}
