import type { ApiService } from '@parley/core';
import type { TabNode } from '../parley.ts';

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
  | 'changes'
>;

/** What a page asks about closed channels, and what of them conversations of two have too. */
export const closedCalls = (service: () => ApiService): ClosedCalls => ({
  createClosed: (name, history, nonce) => service().closed.create(name, { history, nonce }),
  closedChannel: async (channel) => service().closed.view(channel),
  invite: (channel, who, role) => service().closed.invite(channel, who, role),
  invitations: async () => service().closed.invitations(),
  acceptInvitation: (channel) => service().closed.accept(channel),
  declineInvitation: (channel) => service().closed.decline(channel),
  removeMember: (channel, who) => service().closed.remove(channel, who),
  setRole: (channel, who, role) => service().closed.setRole(channel, who, role),
  channelSettings: (channel, changes) => service().closed.settings(channel, changes),
  changes: (channel) => service().changes(channel),
});
