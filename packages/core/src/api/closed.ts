import type { HistoryPolicy, Role } from '../features/channels/index.ts';
import type { Node } from '../node.ts';
import { errorCode, ParleyError } from '../util/errors.ts';
import { together } from './persons.ts';
import type { ChannelView, ClosedView, InvitationView, MemberView } from './types.ts';
import { Views } from './views.ts';

export interface ClosedSettings {
  readonly name?: string | undefined;
  readonly history?: HistoryPolicy | undefined;
}

/**
 * What the local API offers about closed channels. `who`: a key id, node id, the name or alias of a contact, or the name of a member as it is
 * shown; of a member the whole person is meant, with all devices, unless it is the key of one of the further ones. Errors are those of `Closed`, and `not-found` and `conflict` for `who`.
 */
export interface ClosedService {
  create(
    name: string,
    options?: { readonly history?: HistoryPolicy | undefined; readonly nonce?: string | undefined },
  ): Promise<ChannelView>;
  /** What concerns closed channels alone. */
  view(channel: string): ClosedView;
  invite(channel: string, who: string, role?: Exclude<Role, 'owner'>): Promise<MemberView>;
  invitations(): InvitationView[];
  /** By id or name. */
  accept(channel: string): Promise<ChannelView>;
  decline(channel: string): Promise<void>;
  remove(channel: string, who: string): Promise<void>;
  setRole(channel: string, who: string, role: Role): Promise<MemberView>;
  settings(channel: string, changes: ClosedSettings): Promise<ChannelView>;
}

/** Requests about closed channels, answered by a node. */
export function closedService(node: Node): ClosedService {
  const { channels } = node;
  const { closed } = channels;
  const views = new Views(node);

  const view = (id: string): ChannelView => views.channel(channels.find(id));
  const idOf = (channel: string): string => {
    const { id, kind } = channels.find(channel);
    if (kind !== 'closed') throw new ParleyError('bad-argument', 'this is no closed channel');
    return id;
  };
  const invited = (channel: string) => {
    const name = channel.replace(/^#/, '');
    const found = closed.invitations().filter(({ channel: { id, state } }) => id === channel || state.name === name);
    const [only, ...others] = found;
    if (!only) throw new ParleyError('not-found', 'there is no such invitation');
    if (others.length > 0)
      throw new ParleyError('conflict', 'several invitations bear this name: use the id', {
        data: { ids: found.map((one) => one.channel.id) },
      });
    return only.channel.id;
  };
  const member = (id: string, nodeId: string): MemberView => {
    const found = views.members(id).find(({ node_id }) => node_id === nodeId);
    if (!found) throw new ParleyError('not-member', 'it is no member of this channel');
    return found;
  };

  return {
    async create(name, { history, nonce } = {}) {
      return views.channel(await channels.createClosed(name, history, nonce));
    },
    view: (channel) => {
      const id = idOf(channel);
      return { channel_id: id, history: closed.history(id), ...roleOf(closed.role(id)) };
    },
    async invite(channel, who, role) {
      const id = idOf(channel);
      const nodeId = nodeOf(node, who);
      await closed.invite(id, nodeId, role);
      return member(id, nodeId);
    },
    invitations: () =>
      closed.invitations().map(({ channel, by, received, accepted }) => ({
        channel_id: channel.id,
        name: channel.state.name,
        by: views.person(by),
        ...roleOf(channel.member(node.identity.keyId)?.role),
        members: new Set(channel.joined().map((nodeId) => node.devices.personNow(nodeId))).size,
        received: new Date(received).toISOString(),
        accepted,
      })),
    async accept(channel) {
      const id = invited(channel);
      await closed.accept(id);
      return view(id);
    },
    decline: async (channel) => closed.decline(invited(channel)),
    async remove(channel, who) {
      const id = idOf(channel);
      const [first, ...others] = membersOf(node, id, who);
      await closed.remove(id, first);
      // Devices that somebody brought as an observer went with them.
      for (const nodeId of others) if (closed.members(id).some((one) => one.nodeId === nodeId)) await closed.remove(id, nodeId);
    },
    async setRole(channel, who, role) {
      const id = idOf(channel);
      const [first, ...others] = membersOf(node, id, who);
      await closed.setRole(id, first, role);
      // As the first would invite them: of several devices one owns. What this user's own may do is up to each of them.
      const rest = node.devices.isOwn(first) ? [] : others;
      for (const nodeId of rest) await closed.setRole(id, nodeId, role === 'owner' ? 'moderator' : role);
      return member(id, first);
    },
    async settings(channel, { name, history }) {
      const id = idOf(channel);
      await closed.settings(id, { ...(name === undefined ? {} : { name }), ...(history === undefined ? {} : { history }) });
      return view(id);
    },
  };
}

const roleOf = (role: Role | undefined) => (role === undefined ? {} : { role });

/** The node that a person means. */
function nodeOf(node: Node, who: string): string {
  try {
    return node.finder.identify(who).nodeId;
  } catch (error) {
    if (errorCode(error) !== 'bad-argument') throw error;
  }
  return node.contacts.find(who.replace(/^@/, '')).nodeId;
}

/**
 * The members that are meant: by any name of a person all of their devices, the first before the others, and by that of a device it alone. As they are shown, which
 * is as the user calls them, as they call themselves, or any way in which `nodeOf` knows them.
 */
function membersOf(node: Node, channelId: string, who: string): [string, ...string[]] {
  const name = who.replace(/^@/, '');
  const all = new Views(node).members(channelId);
  // Contacts are shown as the user calls them: whoever gives itself such a name is not taken for them.
  const meant = together(all.filter(({ display, name: own }) => display === name || own === name));
  const [only, ...others] = meant;
  if (others.length > 0) {
    throw new ParleyError('conflict', 'several members bear this name: use the key id', {
      data: { keys: meant.map(({ shown: { key } }) => key) },
    });
  }
  const named = only?.nodes.find(({ display }) => display === name) ?? only?.shown;
  // A device has a name of its own too.
  const person = named === undefined ? nodeOf(node, who) : named.display === name ? (only?.person ?? named.node_id) : named.node_id;
  const [first, ...further] = together(all).find((one) => one.person === person)?.nodes ?? [];
  if (!first) return [person];
  return [first, ...further].map(({ node_id }) => node_id).sort((a, b) => Number(b === person) - Number(a === person)) as [
    string,
    ...string[],
  ];
}
