import type { Static } from 'typebox';
import * as Type from 'typebox';
import type { Node } from '../node.ts';
import { display } from './people.ts';

const DeviceView = Type.Object({
  key: Type.String({ description: 'key id' }),
  node_id: Type.String(),
  name: Type.String({ description: 'what the device is called' }),
  first: Type.Boolean({ description: 'its key is that of the person' }),
  this: Type.Boolean({ description: 'it is the device that was asked' }),
  present: Type.Boolean({ description: 'whether a route is known now' }),
  added: Type.Optional(Type.String({ description: 'RFC 3339' })),
});
export type DeviceView = Static<typeof DeviceView>;

/** Somebody's device that is being linked: both sides show the number. */
export const PairingView = Type.Object({
  key: Type.String({ description: 'key id of the other device' }),
  name: Type.String(),
  number: Type.String({ description: '60 digits in twelve groups: the same on both' }),
});
export type PairingView = Static<typeof PairingView>;

/** The devices of this user. */
export const DevicesView = Type.Object({
  state: Type.Enum(['own', 'promised', 'linked', 'revoked'], {
    description: 'the first or only device; it has agreed to be linked; a linked one; it was revoked, and stands for nobody but itself',
  }),
  person: Type.Object({ key: Type.String(), name: Type.String(), display: Type.String() }),
  devices: Type.Array(DeviceView),
  revoked: Type.Array(Type.Object({ key: Type.String(), name: Type.String(), until: Type.String({ description: 'RFC 3339' }) })),
  asked_by: Type.Optional(Type.Intersect([PairingView], { description: 'who has the code that this device shows' })),
});
export type DevicesView = Static<typeof DevicesView>;

export const DeviceCodeView = Type.Object({
  link: Type.String({ description: '`parley:device/<key id>?secret=…&name=…`; whoever has it can ask to link this device' }),
  expires: Type.String({ description: 'RFC 3339' }),
});
export type DeviceCodeView = Static<typeof DeviceCodeView>;

/** What the local API offers about devices. Errors are those of `Devices`. */
export interface DeviceService {
  list(): DevicesView;
  code(): DeviceCodeView;
  /** Asks the device that shows this link; `confirm` links it. */
  ask(link: string): Promise<PairingView>;
  confirm(key: string): Promise<DevicesView>;
  /** `who`: a key id, node id or name of a linked device. */
  revoke(who: string): Promise<DevicesView>;
}

const rfc3339 = (ms: number): string => new Date(ms).toISOString();

export function devicesView(node: Node): DevicesView {
  const { devices, identity, overlay } = node;
  const { person, ownList: list, askedBy } = devices;
  const about = ({ keyId, nodeId }: { readonly keyId: string; readonly nodeId: string }) => ({
    key: keyId,
    node_id: nodeId,
    first: keyId === person.keyId,
    this: keyId === identity.keyId,
    present: keyId === identity.keyId || overlay.shows(nodeId),
  });
  return {
    state: devices.standing.state,
    person: { key: person.keyId, name: devices.name, display: display(devices.name, person.nodeId) },
    devices: [
      { ...about(person), name: devices.name },
      ...(list?.devices ?? []).map((device) => ({ ...about(device), name: device.name, added: rfc3339(device.added) })),
    ],
    revoked: (list?.former ?? []).map(({ keyId, name, until }) => ({ key: keyId, name, until: rfc3339(until) })),
    ...(askedBy ? { asked_by: { key: askedBy.keyId, name: askedBy.name, number: askedBy.number } } : {}),
  };
}

export function deviceService(node: Node): DeviceService {
  const { devices } = node;
  return {
    list: () => devicesView(node),
    code: () => {
      const { link, expires } = devices.code();
      return { link, expires: rfc3339(expires) };
    },
    ask: async (link) => {
      const { keyId, name, number } = await devices.ask(link);
      return { key: keyId, name, number };
    },
    confirm: async (key) => {
      await devices.confirm(key);
      return devicesView(node);
    },
    revoke: async (who) => {
      await devices.revoke(who);
      return devicesView(node);
    },
  };
}
