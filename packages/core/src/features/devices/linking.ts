import type { Identity, KeyBook } from '../../identity/index.ts';
import type { Ports } from '../../ports/index.ts';
import { ParleyError } from '../../util/errors.ts';
import type { DeviceConfig } from './config.ts';
import type { Following } from './following.ts';
import { parseDeviceLink } from './link.ts';
import { type Device, findDevice } from './list.ts';
import type { Agreed, Pairing } from './pairing.ts';
import type { Heir, Roster } from './roster.ts';

export interface LinkingDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly keys: KeyBook;
  readonly roster: Roster;
  readonly pairing: Pairing;
  readonly following: Following;
  readonly isContact: (keyId: string) => boolean;
  /** Whether this node stands for somebody already. */
  readonly isKnown: () => boolean;
  readonly heir: () => Heir | undefined;
}

/** What the user does with devices: links them, from either side, and revokes them. */
export class Linking {
  readonly #deps: LinkingDeps;
  readonly #config: DeviceConfig;

  constructor(deps: LinkingDeps, config: DeviceConfig) {
    this.#deps = deps;
    this.#config = config;
  }

  /** A code by which the first device links this one; the one before is void. Errors: `conflict` for a node that stands for somebody already. */
  code(): { readonly link: string; readonly expires: number } {
    const { roster, isKnown } = this.#deps;
    if (roster.standing.state === 'revoked')
      throw new ParleyError('conflict', 'this device was revoked: link a new one, with a data folder of its own');
    if (roster.isLinked || roster.others().length > 0 || isKnown())
      throw new ParleyError('conflict', 'this node stands for somebody already: a new device begins with an empty data folder');
    return this.#deps.pairing.show();
  }

  /**
   * Asks the device that shows a link whether it is to be one of this person's. Resolves with the number that it shows too; `confirm` links it.
   * Errors: `bad-argument`, `refused` on a linked device, `quota`, `conflict`, `unreachable`, `timeout`.
   */
  async ask(typed: string): Promise<Agreed & { readonly number: string }> {
    const link = parseDeviceLink(typed);
    this.#checkFirst('linked');
    this.#checkFree(link.keyId);
    return this.#deps.pairing.ask(link);
  }

  /** Links a device that has agreed. On disk when it resolves. Errors: `not-found`, `refused`, `quota`, `conflict`, those of the store. */
  async confirm(keyId: string): Promise<Device> {
    this.#checkFirst('linked');
    this.#checkFree(keyId);
    const { name, nodeId, statement } = this.#deps.pairing.take(keyId);
    const now = this.#deps.ports.clock.now();
    const taken = new Set(this.#deps.roster.ownList?.devices.map((device) => device.name));
    let called = name;
    for (let i = 2; taken.has(called); i++) called = `${name} ${i}`.slice(-64);
    const device: Device = { keyId, nodeId, name: called, added: now, statement };
    await this.#deps.roster.sign((list) => ({ ...list, devices: [...list.devices, device] }));
    return device;
  }

  /** Takes a device out of the list, for good. On disk when it resolves. Errors: `not-found`, `refused` on a linked device, those of the store. */
  async revoke(who: string): Promise<Device> {
    this.#checkFirst('revoked');
    // One that has not come along with the key yet is not waited for any more.
    const waited = this.#deps.following.waitedFor().find(({ keyId, nodeId, name }) => [keyId, nodeId, name].includes(who));
    if (waited) {
      await this.#deps.following.giveUp(waited);
      return { ...waited, statement: '' };
    }
    const device = findDevice(this.#deps.roster.ownList, who);
    const until = this.#deps.ports.clock.now();
    const { keyId, nodeId, name, statement } = device;
    await this.#deps.roster.sign((list) => ({
      ...list,
      devices: list.devices.filter((one) => one.keyId !== keyId),
      former: [...list.former, { keyId, nodeId, name, until, statement }].slice(-this.#config.maxFormer),
    }));
    return device;
  }

  #checkFirst(what: string): void {
    if (this.#deps.roster.isLinked) throw new ParleyError('refused', `devices are ${what} on the first device alone`);
    if (what === 'linked' && this.#deps.heir()?.from === this.#deps.identity.keyId)
      throw new ParleyError('conflict', 'the key of this device is being replaced: link others afterwards');
  }

  #checkFree(keyId: string): void {
    const list = this.#deps.roster.ownList;
    const nodeId = this.#deps.keys.resolve(keyId)?.nodeId ?? '';
    if (keyId === this.#deps.identity.keyId) throw new ParleyError('bad-argument', 'this is the code of this very device');
    if (this.#deps.roster.book.ownerOf(nodeId) || this.#deps.isContact(keyId))
      throw new ParleyError('conflict', 'this key is, or was, a device of somebody, or a contact');
    if (list && list.devices.length + 1 >= this.#config.maxDevices)
      throw new ParleyError('quota', `a person has at most ${this.#config.maxDevices} devices`);
  }
}
