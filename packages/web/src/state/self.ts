import { type DevicesView, displayName, type Person } from '@parley/core';

/** As whom the user is drawn: on a linked device as everywhere, by the first of their devices. */
export function selfOf(
  { node_id = '', name = '' }: Partial<Pick<Person, 'node_id' | 'name'>> = {},
  devices: DevicesView | undefined,
): Pick<Person, 'node_id' | 'name' | 'display'> {
  const first = devices?.state === 'linked' ? devices.devices.find((device) => device.first) : undefined;
  if (!devices || !first) return { node_id, name, display: displayName(name, node_id) };
  return { node_id: first.node_id, name: devices.person.name, display: devices.person.display };
}
