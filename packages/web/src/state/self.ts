import { type DevicesView, displayName, type Person, personOfNode } from '@parley/core';
import type { AppState } from './types.ts';

/** As whom the user is drawn: on a linked device as everywhere, by the first of their devices. */
export function selfOf(
  { node_id = '', name = '' }: Partial<Pick<Person, 'node_id' | 'name'>> = {},
  devices: DevicesView | undefined,
): Pick<Person, 'node_id' | 'name' | 'display'> {
  const first = devices?.state === 'linked' ? devices.devices.find((device) => device.first) : undefined;
  if (!devices || !first) return { node_id, name, display: displayName(name, node_id) };
  return { node_id: first.node_id, name: devices.person.name, display: devices.person.display };
}

/** Whose dialog a name or picture opens: of a further device the person, of any of the user's own the user. */
export function whoseDialog({ status, devices }: Pick<AppState, 'status' | 'devices'>, node: Pick<Person, 'node_id' | 'of'>): string {
  const person = personOfNode(node);
  return status && person === selfOf(status, devices).node_id ? status.node_id : person;
}
