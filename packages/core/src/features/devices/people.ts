import type { DeviceList, NodeKey } from './list.ts';

/** Persons who were contacts, and are to get no revoked device back. */
const MAX_FORGOTTEN = 5000;

/** Who is whose device, by the lists that are known. Pure. */
export class DeviceBook {
  readonly #lists = new Map<string, DeviceList>();
  /** Numbers of lists that are known no more, by person: an older one is not taken for all that. */
  readonly #forgotten = new Map<string, number>();
  /** Persons by the node id of a device, current or former. */
  readonly #owners = new Map<
    string,
    { readonly person: NodeKey; readonly until: number | undefined; readonly name: string; readonly called: string }
  >();

  get(person: string): DeviceList | undefined {
    return this.#lists.get(person);
  }

  all(): DeviceList[] {
    return [...this.#lists.values()];
  }

  get isEmpty(): boolean {
    return this.#lists.size === 0;
  }

  put(list: DeviceList): void {
    this.drop(list.person.keyId);
    this.#forgotten.delete(list.person.keyId);
    this.#lists.set(list.person.keyId, list);
    for (const { nodeId, name } of list.devices)
      this.#owners.set(nodeId, { person: list.person, called: list.name, until: undefined, name });
    for (const { nodeId, name, until } of list.former) this.#owners.set(nodeId, { person: list.person, called: list.name, until, name });
  }

  drop(person: string): void {
    const list = this.#lists.get(person);
    this.#lists.delete(person);
    for (const { nodeId } of list ? [...list.devices, ...list.former] : []) {
      if (this.#owners.get(nodeId)?.person.keyId === person) this.#owners.delete(nodeId);
    }
  }

  /** Nothing is known of a person but up to which list it was. Returns persons of whom that is known no more either, since there are many. */
  forget(person: string, seq: number): string[] {
    this.drop(person);
    this.#forgotten.delete(person);
    this.#forgotten.set(person, seq);
    const over = [...this.#forgotten.keys()].slice(0, Math.max(0, this.#forgotten.size - MAX_FORGOTTEN));
    for (const one of over) this.#forgotten.delete(one);
    return over;
  }

  /** Whose device a node is, or was, what that device is called, and the person. Undefined for who stands for themselves. */
  ownerOf(
    nodeId: string,
  ): { readonly person: NodeKey; readonly until: number | undefined; readonly name: string; readonly called: string } | undefined {
    return this.#owners.get(nodeId);
  }

  /** The nodes of a person: the first, and the others in the order in which they were added. */
  nodesOf(person: NodeKey): NodeKey[] {
    return [person, ...(this.#lists.get(person.keyId)?.devices ?? [])];
  }

  /**
   * Why a list is not taken; undefined when it is newer than what is known. `mayClaim`: whether a key that is no device of anybody yet may become
   * one: not where it is somebody.
   */
  faultOf(list: DeviceList, limits: { readonly maxDevices: number; readonly maxFormer: number }, mayClaim: (key: NodeKey) => boolean) {
    const { person, devices, former, seq, signed } = list;
    const known = this.#lists.get(person.keyId);
    if (devices.length >= limits.maxDevices || former.length > limits.maxFormer) return 'devices-too-many' as const;
    if (known?.signed === signed) return 'same' as const;
    if (known ? seq <= known.seq : seq < (this.#forgotten.get(person.keyId) ?? 0)) return 'devices-replayed' as const;
    // A device of somebody is nobody's person, and the other way round.
    if (this.#owners.get(person.nodeId)) return 'devices-taken' as const;
    for (const device of [...devices, ...former]) {
      const owner = this.#owners.get(device.nodeId);
      if (owner ? owner.person.keyId !== person.keyId : this.#lists.has(device.keyId) || !mayClaim(device)) return 'devices-taken' as const;
    }
    return undefined;
  }
}
