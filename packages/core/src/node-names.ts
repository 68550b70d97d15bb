import type { Node } from './node.ts';

/** In channels up to this size everybody's certificate is fetched as they come. */
const MEET_MEMBERS = 20;

/** Learns the names of those with whom the user is in a channel. A server shows nobody's name, and has no need of certificates. */
export function meetMembers({ channels, certificates, contacts, devices, overlay, identity }: Node): void {
  // Where many are together, all asking all would be a storm: names are asked for when somebody wants to see them.
  const meet = (channelId: string, nodeId: string): void => {
    if (channels.isJoined(channelId) && channels.members(channelId).length <= MEET_MEMBERS && overlay.reaches(nodeId)) {
      certificates.fetch(nodeId);
    }
  };
  channels.events.on('member', ({ channelId, nodeId, joined }) => {
    if (joined) meet(channelId, nodeId);
  });
  overlay.events.on('presence', ({ nodeId, present }) => {
    if (!present) return;
    for (const channelId of channels.shared(nodeId, identity.nodeId)) meet(channelId, nodeId);
    // Whoever is back may call themselves otherwise.
    if (contacts.isContact(devices.personOf(nodeId))) certificates.refresh(nodeId);
  });
}
