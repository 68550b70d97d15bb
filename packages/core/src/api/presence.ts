import type { Node } from '../node.ts';
import type { ApiEvent, PresenceView } from './types.ts';
import type { Views } from './views.ts';

/** What is known of whether somebody is there: by the node id of any of their devices, but for one that was revoked. */
export function presenceOf({ presence, devices }: Node, nodeId: string): { readonly presence?: PresenceView } {
  const known = presence.of(devices.personNow(nodeId));
  if (!known) return {};
  const { state, seen } = known;
  return { presence: { ...(state === undefined ? {} : { state }), seen: new Date(seen).toISOString() } };
}

/** Everything under which somebody is shown: the person, and each of their devices. */
export function shownAs({ devices, contacts }: Node, person: string): string[] {
  const contact = contacts.get(person);
  return contact ? devices.nodesOf(contact).map(({ nodeId }) => nodeId) : [person];
}

/** Who is typing in a channel. */
export function typingEvent(views: Views, channelId: string, people: readonly string[]): ApiEvent {
  return { event: 'typing', channel_id: channelId, people: people.map((nodeId) => views.person(nodeId)) };
}
