import type { ClosedChannel } from './channel.ts';
import type { Role } from './entry.ts';
import { isBroughtWith } from './roles.ts';

/** A member of a closed channel. */
export interface ClosedMember {
  readonly nodeId: string;
  /** Key id. */
  readonly key: string;
  readonly role: Role;
  /** False: invited, and has not accepted yet. */
  readonly joined: boolean;
  /** Key id of the person whose device they have said to be. */
  readonly person?: string | undefined;
  /** Whether this node brought them when it was an observer, or was brought with them. */
  readonly brought: boolean;
}

/** `self`: the key id of this node. */
export function membersIn(channel: ClosedChannel, self: string): ClosedMember[] {
  return [...channel.state.members.values()].map(({ key, role, joined, person }) => {
    const brought = isBroughtWith(channel.state.brought, self, key);
    return { nodeId: channel.nodeId(key), key, role, joined, person, brought };
  });
}
