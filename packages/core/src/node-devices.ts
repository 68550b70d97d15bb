import type { OwnPerson } from './features/contacts/index.ts';
import { type DeviceConfig, type DeviceDeps, type DeviceEvents, Devices, deviceDefaults, type Heir } from './features/devices/index.ts';
import { type DeviceParts, joinedRow, joins, sharedKinds } from './node-shared.ts';
import { LruMap } from './util/bounded.ts';
import { errorCode, ParleyError } from './util/errors.ts';
import { Scope } from './util/scope.ts';

/** The devices of a node's user, with what they need of contacts and channels. */
export function createDevices(
  deps: Omit<DeviceDeps, 'contacts' | 'isContact' | 'isKnown' | 'kinds' | 'heir'>,
  parts: () => DeviceParts,
  config: Partial<DeviceConfig> = {},
): Devices {
  const accepted = () =>
    parts()
      .contacts.list()
      .filter(({ keyId }) => parts().contacts.isContact(keyId));
  return new Devices(
    {
      ...deps,
      contacts: accepted,
      isContact: (keyId) => parts().contacts.get(keyId)?.state === 'accepted',
      isKnown: () => parts().contacts.list().length > 0,
      kinds: sharedKinds(parts),
      heir: () => heirIn(parts()),
    },
    { ...deviceDefaults, ...config },
  );
}

function heirIn({ contacts }: Pick<DeviceParts, 'contacts'>): Heir | undefined {
  const { plan } = contacts.rotation;
  return plan && { from: plan.from.keyId, to: plan.to.keyId, time: plan.time };
}

/** Where this node's key has just taken the place of another, the devices of that come along, without the contacts who were not told. Errors: those of the store. */
export async function inheritDevices(parts: Pick<DeviceParts, 'contacts' | 'devices'>): Promise<void> {
  const heir = heirIn(parts);
  const isGone = (key: string): boolean => {
    const [kind, keyId = ''] = key.split('/');
    return (kind === 'contact' || kind === 'list') && parts.contacts.get(keyId) === undefined;
  };
  if (heir) await parts.devices.inherit(heir, isGone);
}

/** Whose device is whose, as channels have it. */
export const owners = (devices: () => Devices) => ({
  isOwn: (nodeId: string) => devices().isOwn(nodeId),
  personOf: (nodeId: string) => devices().personOf(nodeId),
  personNow: (nodeId: string) => devices().personNow(nodeId),
  speaksFor: (nodeId: string, author: string) => devices().speaksFor(nodeId, author),
  person: () => devices().person.keyId,
});

/** Whom a node stands for, as contacts have it. */
export const ownPerson = (devices: Devices): OwnPerson => ({
  ...devices.person,
  name: devices.name,
  isLinked: devices.isLinked,
  isOwn: (nodeId) => devices.isOwn(nodeId),
  follow: (change) => devices.follow(change),
});

const INVITE_AGAIN_MS = 10 * 60_000;

/** As what a device is invited by one that has a role. */
const ROLE_OF_DEVICES = { owner: 'moderator', moderator: 'member', member: 'member', observer: 'observer' } as const;

/** Keeps the features in line with whose device is whose, and tells own devices what the user does here. */
export class DeviceWiring {
  readonly #parts: DeviceParts;
  readonly #scope: Scope;
  /** When a device was last invited to a channel (monotonic). */
  readonly #invited = new LruMap<string, number>(5000);

  constructor(parts: DeviceParts) {
    this.#parts = parts;
    this.#scope = new Scope(parts.ports.clock);
  }

  start(): void {
    const { channels, contacts, devices, overlay } = this.#parts;
    const { events } = channels;
    const on = (end: () => void): void => this.#scope.add(end);
    on(devices.events.on('changed', (change) => this.#changed(change)));
    on(
      contacts.events.on('contact', ({ contact, news }) => {
        devices.say(`contact/${contact.keyId}`, news === 'removed' ? undefined : contacts.mirror.snapshot(contact));
        devices.know(contact.keyId, news !== 'removed' && contact.state === 'accepted');
      }),
    );
    on(
      events.on('channel', ({ channelId }) => {
        const [, row] = joinedRow(channels, channelId) ?? [];
        if (row === undefined) return;
        devices.say(`channel/${channelId}`, row);
        this.#bring();
      }),
    );
    on(events.on('left', ({ channelId }) => this.#left(channelId)));
    on(
      events.on('seen', ({ channelId, cursor }) => {
        const known: unknown = JSON.parse(devices.shared(`read/${channelId}`) ?? '""');
        if (typeof known === 'string' && cursor > known) devices.say(`read/${channelId}`, JSON.stringify(cursor));
      }),
    );
    // What comes late was seen on another device.
    on(
      events.on('read', ({ channelId, unread }) => {
        const seen: unknown = unread > 0 && JSON.parse(devices.shared(`read/${channelId}`) ?? 'null');
        if (typeof seen === 'string' && channels.isJoined(channelId)) this.#run(channels.markRead(channelId, seen));
      }),
    );
    on(channels.closed.events.on('invitation', ({ channelId }) => this.#accept(channelId)));
    on(channels.closed.events.on('changed', () => this.#bring()));
    on(
      overlay.events.on('presence', ({ nodeId, present }) => {
        if (present && devices.others().some((device) => device.nodeId === nodeId)) this.#bring();
      }),
    );
    this.#bring();
    for (const { channel } of channels.closed.invitations()) this.#accept(channel.id);
    devices.start();
  }

  async close(): Promise<void> {
    await this.#scope.close();
    await this.#parts.devices.close();
  }

  #changed({ person, own, gone, revoked, moved }: DeviceEvents['changed']): void {
    const { contacts, direct, channels, devices } = this.#parts;
    if (revoked) {
      direct.disband();
      this.#run(contacts.mirror.forgetAll());
      for (const { id, kind, joined } of channels.list()) if (kind === 'closed' && joined) this.#run(channels.leave(id));
      return;
    }
    const contact = contacts.get(person.keyId);
    // Contacts have to know the new key before they hear its devices: what is written until then waits for a session, as it does on the first.
    const anew = moved ? contacts.list().flatMap((one) => devices.nodesOf(one)) : [];
    direct.regroup(own ? contacts.list() : contact ? [contact] : [], [...gone, ...anew]);
    if (!own) return;
    for (const { nodeId } of gone) this.#sendAway(nodeId);
    if (devices.isLinked) for (const { id } of this.#closed()) this.#run(channels.closed.standFor(id));
    this.#bring();
  }

  /** A revoked device is out of the closed channels that this person is in, and whoever it has handed its place to. */
  #sendAway(nodeId: string): void {
    const { channels, devices } = this.#parts;
    if (devices.isLinked) return;
    for (const { id } of this.#closed()) this.#run(channels.closed.remove(id, nodeId));
  }

  /** Own devices come along into closed channels: the first invites the others, and they it. */
  #bring(): void {
    const { channels, devices, ports, overlay } = this.#parts;
    const whom = devices.isLinked ? [devices.person] : devices.others();
    const now = ports.clock.monotonic();
    for (const { id } of whom.length > 0 ? this.#closed() : []) {
      const role = channels.closed.role(id);
      if (role === undefined) continue;
      for (const { nodeId, keyId } of whom) {
        const member = channels.closed.members(id).find((one) => one.nodeId === nodeId);
        // Who was in it and is no more has left, or was sent away.
        const lacks = member ? !member.joined : !channels.closed.hasBeen(id, keyId);
        const observes = member?.brought === true && member.joined && member.role === 'observer' && role !== 'observer';
        const once = `${id} ${nodeId} ${role}`;
        const last = this.#invited.get(once);
        if (!(lacks || observes) || !overlay.reaches(nodeId) || (last !== undefined && now - last < INVITE_AGAIN_MS)) continue;
        this.#invited.set(once, now);
        const as = member && member.role !== 'owner' ? member.role : ROLE_OF_DEVICES[role];
        this.#run(observes ? channels.closed.setRole(id, nodeId, 'member') : channels.closed.invite(id, nodeId, as));
      }
    }
  }

  #closed() {
    return this.#parts.channels.list().filter(({ kind, joined }) => kind === 'closed' && joined);
  }

  /** Where one of this user's devices is in, the others are too. */
  #accept(channelId: string): void {
    const { channels, devices } = this.#parts;
    const invitation = channels.closed.invitations().find(({ channel }) => channel.id === channelId);
    if (!invitation || invitation.accepted || !devices.others().some(({ nodeId }) => nodeId === invitation.by)) return;
    this.#run(channels.closed.accept(channelId));
  }

  #left(channelId: string): void {
    const { devices } = this.#parts;
    const said: unknown = JSON.parse(devices.shared(`channel/${channelId}`) ?? 'null');
    if (joins.check(said)) devices.say(`channel/${channelId}`, JSON.stringify({ ...said, joined: false }));
  }

  #run(task: Promise<unknown>): void {
    this.#scope.run(
      task.then(() => {}),
      (error) => {
        if (errorCode(error) !== 'closed')
          this.#parts.ports.log.debug('own devices could not be kept in line', { error: ParleyError.from(error).message });
      },
    );
  }
}
