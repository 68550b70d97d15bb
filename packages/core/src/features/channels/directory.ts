import type { ChannelChange } from './change.ts';
import type { ChannelConfig } from './config.ts';

export interface Member {
  /** By the member's own word, or only listed by somebody else (a hint). */
  readonly sure: boolean;
  readonly joined: boolean;
  /** The member's own `auth.time`, in milliseconds since 1970; 0 for a hint. */
  readonly time: number;
  /** When anything of it was last heard, in milliseconds since 1970. */
  readonly heard: number;
}

/** Open to everybody; of invited members; or between two contacts. All but the first are sealed, and never flooded. */
export type ChannelKind = 'public' | 'closed' | 'direct';

/** That the user is in a channel no more, of which something is kept. */
export interface Ended {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** By somebody else, or by the user. */
  readonly removed: boolean;
  /** Node id of who has removed them. */
  readonly by?: string | undefined;
  /** What was changed about it until then, the latest. */
  readonly changes?: readonly ChannelChange[];
}

export interface Channel {
  readonly id: string;
  readonly kind: ChannelKind;
  name: string;
  /** Key id and nonce that the id of an owned channel is the digest of (WIRE "channel_id"). */
  creator: string | undefined;
  nonce: string | undefined;
  joined: boolean;
  /** Of one that the user was in. */
  ended?: Ended | undefined;
  /** Milliseconds since 1970. */
  announced: number;
  /** Members in all, where CHANNEL said so. */
  count: number | undefined;
  readonly members: Map<string, Member>;
}

/** Members that others list, kept of a channel that is not joined. */
const HINTS_OF_OTHERS = 100;
/** Channels that the user is in no more, and that are remembered. */
const MAX_ENDED = 200;

/** What is known of channels and who is in them. Membership is last-writer-wins by the member's own time; CHANNEL's list is a hint. Pure. */
export class ChannelDirectory {
  readonly #config: ChannelConfig;
  readonly #channels = new Map<string, Channel>();
  /** Channels by member, so that two members' common ones are found without looking through all. */
  readonly #byMember = new Map<string, Set<Channel>>();
  /** Members that are only listed by others, in all channels. */
  #hints = 0;

  constructor(config: ChannelConfig) {
    this.#config = config;
  }

  get size(): number {
    return this.#channels.size;
  }

  get(id: string): Channel | undefined {
    return this.#channels.get(id);
  }

  all(): Channel[] {
    return [...this.#channels.values()];
  }

  joined(): Channel[] {
    return this.all().filter((channel) => channel.joined);
  }

  /** Public channels that are joined. */
  joinedPublic(): Channel[] {
    return this.joined().filter(({ kind }) => kind === 'public');
  }

  /** The channel, made known if it was not. Undefined when there is no room: joined channels are never pushed out. */
  know(id: string, name: string, now: number, kind: ChannelKind = 'public'): Channel | undefined {
    const known = this.#channels.get(id);
    if (known) return known;
    if (this.#channels.size >= this.#config.maxChannels && !this.#evict()) return undefined;
    const channel: Channel = {
      id,
      kind,
      name,
      creator: undefined,
      nonce: undefined,
      joined: false,
      announced: now,
      count: undefined,
      members: new Map(),
    };
    this.#channels.set(id, channel);
    return channel;
  }

  put(channel: Channel): void {
    this.#channels.set(channel.id, channel);
    for (const [nodeId, { joined, sure }] of channel.members) {
      if (!sure) this.#hints++;
      this.#index(channel, nodeId, joined);
    }
  }

  /** A member's own JOIN or LEAVE. Returns whether it changed anything. */
  member(channel: Channel, nodeId: string, joined: boolean, time: number, now: number): boolean {
    const known = channel.members.get(nodeId);
    if (known?.sure && known.time >= time) return false;
    if (!known && channel.members.size >= this.#config.maxMembers && !this.#dropHint(channel)) return false;
    if (known?.sure === false) this.#hints--;
    channel.members.set(nodeId, { sure: true, joined, time, heard: now });
    this.#index(channel, nodeId, joined);
    return known?.joined !== joined;
  }

  /** The members of a conversation, as those who decide on them have it. Returns what that changes. */
  assign(channel: Channel, members: ReadonlySet<string>, now: number): { joined: string[]; left: string[] } {
    const left = this.members(channel).filter((nodeId) => !members.has(nodeId));
    const joined = [...members].filter((nodeId) => !this.isMember(channel, nodeId));
    for (const nodeId of left) this.#remove(channel, nodeId);
    for (const nodeId of joined) {
      channel.members.set(nodeId, { sure: true, joined: true, time: now, heard: now });
      this.#index(channel, nodeId, true);
    }
    return { joined, left };
  }

  /** The user is in a channel no more: it is remembered with its name, and of many the latest. Returns those that are forgotten for it. */
  end(channel: Channel, ended: Ended): Channel[] {
    channel.joined = false;
    channel.ended = ended;
    if (channel.kind !== 'public') for (const nodeId of [...channel.members.keys()]) this.#remove(channel, nodeId);
    const past = this.all().filter((one) => one.ended !== undefined);
    const gone = past.sort((a, b) => (a.ended?.at ?? 0) - (b.ended?.at ?? 0)).slice(0, Math.max(0, past.length - MAX_ENDED));
    for (const one of gone) this.#forget(one);
    return gone;
  }

  /** Forgets a channel, joined or not. */
  forget(channel: Channel): void {
    this.#forget(channel);
  }

  /** Somebody else lists it. The member's own word counts for more. */
  hint(channel: Channel, nodeId: string, now: number): boolean {
    // Anybody may list anybody: of a channel that is not ours only as many as help to know whom it is about.
    const most = Math.min(this.#config.maxMembers, channel.joined ? this.#config.maxHints : HINTS_OF_OTHERS);
    if (channel.members.has(nodeId) || channel.members.size >= most || this.#hints >= this.#config.maxHintsInAll) return false;
    this.#hints++;
    channel.members.set(nodeId, { sure: false, joined: true, time: 0, heard: now });
    this.#index(channel, nodeId, true);
    return true;
  }

  /** Something of a member was heard. */
  heard(channel: Channel, nodeId: string, now: number): void {
    const member = channel.members.get(nodeId);
    if (member) channel.members.set(nodeId, { ...member, heard: now });
  }

  /** Whom to send to: those who said that they are members, and of those who are only listed whoever is there. */
  recipients(channel: Channel, isPresent: (nodeId: string) => boolean): string[] {
    const sure: string[] = [];
    const listed: string[] = [];
    for (const [nodeId, member] of channel.members) {
      if (!member.joined) continue;
      if (member.sure) sure.push(nodeId);
      else if (isPresent(nodeId)) listed.push(nodeId);
    }
    return [...sure, ...listed];
  }

  isMember(channel: Channel, nodeId: string): boolean {
    return channel.members.get(nodeId)?.joined === true;
  }

  members(channel: Channel): string[] {
    const ids: string[] = [];
    for (const [nodeId, member] of channel.members) if (member.joined) ids.push(nodeId);
    return ids;
  }

  /** Drops members of whom nothing was heard for long, and channels that nobody announces. Returns the ids of those channels. */
  expire(now: number, isPresent: (nodeId: string) => boolean, self: string): string[] {
    const gone: string[] = [];
    for (const channel of this.#channels.values()) {
      for (const [nodeId, member] of channel.members) {
        if (nodeId === self || channel.kind !== 'public') continue;
        if (isPresent(nodeId)) channel.members.set(nodeId, { ...member, heard: now });
        else if (now - member.heard > this.#config.memberMs) {
          this.#remove(channel, nodeId);
        }
      }
      if (!channel.joined && !channel.ended && now - channel.announced > this.#config.forgetMs) {
        this.#forget(channel);
        gone.push(channel.id);
      }
    }
    return gone;
  }

  /** Channels of which both are members, by id. */
  shared(a: string, b: string): string[] {
    const ids: string[] = [];
    for (const channel of this.#byMember.get(a) ?? []) if (this.isMember(channel, b)) ids.push(channel.id);
    return ids;
  }

  /** `kind`: only channels of that kind count. */
  share(a: string, b: string, kind?: ChannelKind): boolean {
    for (const channel of this.#byMember.get(a) ?? [])
      if ((kind === undefined || channel.kind === kind) && this.isMember(channel, b)) return true;
    return false;
  }

  /** A member's own word displaces what others only say. */
  #dropHint(channel: Channel): boolean {
    for (const [nodeId, { sure }] of channel.members) {
      if (sure) continue;
      this.#remove(channel, nodeId);
      return true;
    }
    return false;
  }

  #remove(channel: Channel, nodeId: string): void {
    if (channel.members.get(nodeId)?.sure === false) this.#hints--;
    channel.members.delete(nodeId);
    this.#index(channel, nodeId, false);
  }

  #index(channel: Channel, nodeId: string, joined: boolean): void {
    let channels = this.#byMember.get(nodeId);
    if (joined) {
      channels ??= new Set();
      channels.add(channel);
      this.#byMember.set(nodeId, channels);
      return;
    }
    channels?.delete(channel);
    if (channels?.size === 0) this.#byMember.delete(nodeId);
  }

  #forget(channel: Channel): void {
    this.#channels.delete(channel.id);
    for (const nodeId of [...channel.members.keys()]) this.#remove(channel, nodeId);
  }

  #evict(): boolean {
    let oldest: Channel | undefined;
    for (const channel of this.#channels.values())
      if (!channel.joined && !channel.ended && (!oldest || channel.announced < oldest.announced)) oldest = channel;
    if (!oldest) return false;
    this.#forget(oldest);
    return true;
  }
}
