import type { TabEvent, TabNode } from '@parley/browser';
import {
  type ChangeView,
  type ChannelView,
  type HistoryPolicy,
  type InvitationView,
  type MemberView,
  membersTogether,
  ParleyError,
  type Person,
  type Role,
} from '@parley/core';

type ClosedCalls = Pick<
  TabNode,
  | 'createClosed'
  | 'closedChannel'
  | 'invite'
  | 'invitations'
  | 'acceptInvitation'
  | 'declineInvitation'
  | 'removeMember'
  | 'setRole'
  | 'channelSettings'
>;

export interface ClosedDeps {
  readonly self: Person;
  readonly people: () => readonly Person[];
  readonly tell: (event: TabEvent) => void;
  /** Puts a channel into the list, in place of the one with its id. */
  readonly put: (channel: ChannelView) => ChannelView;
  readonly channel: (id: string) => ChannelView;
}

interface Made {
  history: HistoryPolicy;
  members: MemberView[];
}

/** Made-up closed channels, in which things happen as the user wants them. */
export class MadeClosed {
  readonly calls: ClosedCalls;
  readonly #deps: ClosedDeps;
  readonly #made = new Map<string, Made>();
  #invitations: InvitationView[];

  constructor(deps: ClosedDeps, invitations: readonly InvitationView[]) {
    this.#deps = deps;
    this.#invitations = [...invitations];
    this.calls = {
      createClosed: async (name, history = 'all') => this.add(crypto.randomUUID(), name, [{ ...deps.self, role: 'owner' }], history),
      closedChannel: async (id) => ({ channel_id: id, role: 'owner', history: this.#of(id).history }),
      invite: async (id, who, role = 'member') => this.#put(id, { ...this.#person(who), role, invited: true }),
      invitations: async () => this.#invitations,
      acceptInvitation: async (id) => {
        const invitation = this.#take(id);
        return this.add(id, invitation.name, [
          { ...invitation.by, role: 'owner' },
          { ...deps.self, role: 'member' },
        ]);
      },
      declineInvitation: async (id) => {
        this.#take(id);
      },
      removeMember: async (id, who) => {
        const made = this.#of(id);
        made.members = made.members.filter(({ node_id }) => node_id !== who);
        deps.tell({ event: 'channel', channel_id: id });
      },
      setRole: async (id, who, role: Role) => this.#put(id, { ...this.#person(who), role }),
      channelSettings: async (id, { name = deps.channel(id).name, history }) => {
        if (history !== undefined) this.#of(id).history = history;
        return deps.put({ ...deps.channel(id), name });
      },
    };
  }

  changes(id: string): ChangeView[] {
    const [owner, first, , , invited] = this.#made.get(id)?.members ?? [];
    if (!owner || !first || !invited) return [];
    const at = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();
    return [
      { id: '1', time: at(30), kind: 'role', by: owner, own: true, member: first, role: 'moderator' },
      { id: '2', time: at(20), kind: 'timer', by: first, own: false, seconds: 86_400 },
      { id: '3', time: at(1), kind: 'invited', by: first, own: false, member: invited, role: 'observer' },
    ];
  }

  members(id: string): MemberView[] | undefined {
    return this.#made.get(id)?.members;
  }

  add(id: string, name: string, members: MemberView[], history: HistoryPolicy = 'all'): ChannelView {
    this.#made.set(id, { members, history });
    const channel = this.#deps.put({ id, name, kind: 'closed', joined: true, members: membersTogether(members).length, unread: 0 });
    this.#deps.tell({ event: 'channel', channel_id: id });
    return channel;
  }

  #of(id: string): Made {
    const made = this.#made.get(id);
    if (!made) throw new ParleyError('not-found', 'no such closed channel');
    return made;
  }

  #person(who: string): Person {
    const found = this.#deps.people().find(({ node_id, key }) => node_id === who || key === who);
    if (!found) throw new ParleyError('not-found', 'nobody like that is known here');
    return found;
  }

  #put(id: string, member: MemberView): MemberView {
    const made = this.#of(id);
    made.members = [...made.members.filter(({ node_id }) => node_id !== member.node_id), member];
    this.#deps.tell({ event: 'channel', channel_id: id });
    return member;
  }

  #take(id: string): InvitationView {
    const invitation = this.#invitations.find(({ channel_id }) => channel_id === id);
    if (!invitation) throw new ParleyError('not-found', 'there is no such invitation');
    this.#invitations = this.#invitations.filter((each) => each !== invitation);
    this.#deps.tell({ event: 'invitation', channel_id: id });
    return invitation;
  }
}
