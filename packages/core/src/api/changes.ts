import type { ChannelChange } from '../features/channels/index.ts';
import type { Node } from '../node.ts';
import type { ChangeView } from './types-changes.ts';
import type { Person } from './types-people.ts';

/** Changes of a conversation, as the local API tells them. What is about further devices of people is not told: they come and go with these. */
export async function changeViews(node: Node, channelId: string, person: (nodeId: string) => Person): Promise<ChangeView[]> {
  const { channels, devices, contacts } = node;
  const isOwn = (nodeId: string): boolean => devices.isOwn(nodeId) || contacts.rotation.isFormer(nodeId);
  const view = (change: ChannelChange): ChangeView => {
    const { id, at, by, ...rest } = change;
    const signed = { id, time: new Date(at).toISOString(), by: person(by), own: isOwn(by) };
    if (!('member' in rest)) return { ...signed, ...rest };
    return { ...signed, ...rest, member: person(rest.member), ...(isOwn(rest.member) ? { self: true } : {}) };
  };
  const found = await channels.archive.changes(channelId);
  return found.filter((change) => !('member' in change) || devices.ownerOf(change.member) === undefined).map(view);
}
