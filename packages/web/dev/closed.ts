import type { TabNode } from '@parley/browser';
import { ParleyError } from '@parley/core';

/** The made-up node is in no closed channel. */
export const closedCalls: Pick<
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
> = {
  createClosed: () => none(),
  closedChannel: () => none(),
  invite: () => none(),
  invitations: async () => [],
  acceptInvitation: () => none(),
  declineInvitation: () => none(),
  removeMember: () => none(),
  setRole: () => none(),
  channelSettings: () => none(),
};

const none = (): Promise<never> => Promise.reject(new ParleyError('not-found', 'the made-up node has no closed channels'));
