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

export interface Channel {
  readonly id: string;
  name: string;
  closed: boolean;
  /** Key id and nonce that the id of an owned channel is the digest of (WIRE "channel_id"). */
  creator: string | undefined;
  nonce: string | undefined;
  joined: boolean;
  /** Milliseconds since 1970. */
  announced: number;
  /** Members in all, where CHANNEL said so. */
  count: number | undefined;
  readonly members: Map<string, Member>;
}

/** What is known of channels and who is in them. Membership is last-writer-wins by the member's own time; CHANNEL's list is a hint. Pure. */
export class ChannelDirectory {
  readonly #config: ChannelConfig;
  readonly #channels = new Map<string, Channel>();

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

  /** The channel, made known if it was not. Undefined when there is no room: joined channels are never pushed out. */
  know(id: string, name: string, now: number): Channel | undefined {
    const known = this.#channels.get(id);
    if (known) return known;
    if (this.#channels.size >= this.#config.maxChannels && !this.#evict()) return undefined;
    const channel: Channel = {
      id,
      name,
      closed: false,
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
  }

  /** A member's own JOIN or LEAVE. Returns whether it changed anything. */
  member(channel: Channel, nodeId: string, joined: boolean, time: number, now: number): boolean {
    const known = channel.members.get(nodeId);
    if (known?.sure && known.time >= time) return false;
    if (!known && channel.members.size >= this.#config.maxMembers) return false;
    channel.members.set(nodeId, { sure: true, joined, time, heard: now });
    return known?.joined !== joined;
  }

  /** Somebody else lists it. The member's own word counts for more. */
  hint(channel: Channel, nodeId: string, now: number): boolean {
    if (channel.members.has(nodeId) || channel.members.size >= this.#config.maxMembers) return false;
    channel.members.set(nodeId, { sure: false, joined: true, time: 0, heard: now });
    return true;
  }

  /** Something of a member was heard. */
  heard(channel: Channel, nodeId: string, now: number): void {
    const member = channel.members.get(nodeId);
    if (member) channel.members.set(nodeId, { ...member, heard: now });
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
        if (nodeId === self) continue;
        if (isPresent(nodeId)) channel.members.set(nodeId, { ...member, heard: now });
        else if (now - member.heard > this.#config.memberMs) channel.members.delete(nodeId);
      }
      if (!channel.joined && now - channel.announced > this.#config.forgetMs) {
        this.#channels.delete(channel.id);
        gone.push(channel.id);
      }
    }
    return gone;
  }

  /** Nodes that share a channel with this one. */
  coMembers(nodeId: string): Set<string> {
    const all = new Set<string>();
    for (const channel of this.#channels.values()) {
      if (!this.isMember(channel, nodeId)) continue;
      for (const other of this.members(channel)) if (other !== nodeId) all.add(other);
    }
    return all;
  }

  share(a: string, b: string): boolean {
    for (const channel of this.#channels.values()) if (this.isMember(channel, a) && this.isMember(channel, b)) return true;
    return false;
  }

  #evict(): boolean {
    let oldest: Channel | undefined;
    for (const channel of this.#channels.values()) if (!channel.joined && (!oldest || channel.announced < oldest.announced)) oldest = channel;
    return oldest !== undefined && this.#channels.delete(oldest.id);
  }
}
