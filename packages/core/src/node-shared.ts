import type { Channels } from './features/channels/index.ts';
import type { Contacts } from './features/contacts/index.ts';
import type { Devices, SharedKind } from './features/devices/index.ts';
import type { DirectMessages } from './features/direct/index.ts';
import type { UserSettings } from './features/settings/index.ts';
import type { Overlay } from './overlay/index.ts';
import type { Ports } from './ports/index.ts';
import { Type, validator } from './wire/schema.ts';

/** What the devices of a person have in common, and the features that it is about. */
export interface DeviceParts {
  readonly ports: Ports;
  readonly overlay: Overlay;
  readonly channels: Channels;
  readonly contacts: Contacts;
  readonly direct: DirectMessages;
  readonly devices: Devices;
  readonly settings: UserSettings;
}

/** What is told of a channel. */
export const joins = validator(
  Type.Object({
    name: Type.String(),
    kind: Type.Union([Type.Literal('public'), Type.Literal('closed')]),
    joined: Type.Boolean(),
    creator: Type.Optional(Type.String()),
    nonce: Type.Optional(Type.String()),
  }),
);
const seenUpTo = (id: string, now: number): string => `${id}/${String(now).padStart(14, '0')}/~`;

/** Which things the devices of a person share: what others are to see of them, whom they know, where they are in, and what they have seen. */
export function sharedKinds(parts: () => DeviceParts): ReadonlyMap<string, SharedKind> {
  // Of the first device, once: what is chosen on a device since then is chosen for that.
  const setting: SharedKind = {
    all: () =>
      parts().devices.isLinked ? [] : Object.entries(parts().settings.get()).map(([name, value]) => [name, JSON.stringify(value)]),
    apply: async (name, value) => {
      const { devices, settings } = parts();
      if (devices.isLinked && value !== undefined && devices.shared(`setting/${name}`) === undefined)
        await settings.takeOver(name, JSON.parse(value));
    },
  };
  const contact: SharedKind = {
    all: () => parts().contacts.mirror.all(),
    apply: (keyId, value) => parts().contacts.mirror.adopt(keyId, value),
  };
  const channel: SharedKind = {
    all: () =>
      parts()
        .channels.list()
        .flatMap(({ id }) => {
          const row = joinedRow(parts().channels, id);
          return row ? [row] : [];
        }),
    apply: async (id, value) => {
      const { channels } = parts();
      const said: unknown = JSON.parse(value ?? 'null');
      if (!joins.check(said)) return;
      const isIn = channels.isJoined(id);
      // Into a closed one a device is invited.
      if (said.joined && said.kind === 'public' && !isIn) await channels.follow(id, said.name, said);
      if (!said.joined && isIn) await channels.leave(id);
    },
  };
  const read: SharedKind = {
    all: (first) => {
      const { channels, ports } = parts();
      if (!first) return [];
      const seen = channels.list().filter(({ joined, unread }) => joined && unread === 0);
      return seen.map(({ id }) => [id, JSON.stringify(seenUpTo(id, ports.clock.now()))] as const);
    },
    apply: async (id, value) => {
      const cursor: unknown = JSON.parse(value ?? 'null');
      if (typeof cursor === 'string' && parts().channels.isJoined(id)) await parts().channels.markRead(id, cursor);
    },
  };
  // In this order: a new device knows what is to be hidden before it knows from whom.
  return new Map([
    ['setting', setting],
    ['contact', contact],
    ['channel', channel],
    ['read', read],
  ]);
}

/** How a joined channel is told to own devices, under its id; undefined of those that are not told. */
export function joinedRow(channels: Channels, id: string): [string, string] | undefined {
  // Asked at every word of any channel, of which strangers may have made up thousands.
  const info = channels.kindOf(id) && channels.find(id);
  if (!info?.joined || info.kind === 'direct') return undefined;
  const { name, kind, owner: creator, nonce } = info;
  return [id, JSON.stringify({ name, kind, joined: true, ...(kind === 'public' ? { creator, nonce } : {}) })];
}
