import type { Identity, KeyBook } from '../../identity/index.ts';
import { ACCEPT, type Arrival, type Overlay, type Verdict } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import { ParleyError } from '../../util/errors.ts';
import { Emitter } from '../../util/events.ts';
import type { Metrics } from '../../util/metrics.ts';
import { Scope } from '../../util/scope.ts';
import type { SealingTarget } from '../../wire/jwe.ts';
import { JwsReader } from '../../wire/jws.ts';
import type { DataOf } from '../../wire/verb.ts';
import type { DeviceConfig } from './config.ts';
import { parseDeviceLink } from './link.ts';
import { type Device, type DeviceList, findDevice, type NodeKey, personNamed, readList } from './list.ts';
import { type Agreed, Pairing } from './pairing.ts';
import type { DeviceBook } from './people.ts';
import { Roster, type RosterChange } from './roster.ts';
import { type SharedKind, Sharing } from './sharing.ts';
import { type DeviceStanding, readAll } from './store.ts';
import { Telling } from './telling.ts';
import { DEVICES } from './verbs.ts';

export interface DeviceEvents {
  /** The devices of a person are others now, and this node's standing may be another with them. */
  changed: RosterChange;
  /** Somebody has proved to have the code that this device shows. */
  asked: Record<string, never>;
}

export interface DeviceDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly keys: KeyBook;
  readonly overlay: Overlay;
  readonly metrics: Metrics;
  readonly target: (nodeId: string) => Promise<SealingTarget>;
  /** Contacts who have accepted, and are not blocked. */
  readonly contacts: () => NodeKey[];
  readonly isContact: (keyId: string) => boolean;
  /** Whether there is anybody in the book: then this node stands for somebody already. */
  readonly isKnown: () => boolean;
  readonly kinds: ReadonlyMap<string, SharedKind>;
}

/** The devices of a person: nodes with keys of their own, which the key of the first has certified (DESIGN section 3). */
export class Devices {
  readonly events: Emitter<DeviceEvents>;
  readonly #deps: DeviceDeps;
  readonly #config: DeviceConfig;
  readonly #scope: Scope;
  readonly #reader: JwsReader;
  readonly #roster: Roster;
  readonly #pairing: Pairing;
  readonly #telling: Telling;
  readonly #sharing: Sharing;

  constructor(deps: DeviceDeps, config: DeviceConfig) {
    const { ports, keys, overlay } = deps;
    this.#deps = deps;
    this.#config = config;
    this.#scope = new Scope(ports.clock);
    this.#reader = new JwsReader(ports.crypto, keys);
    this.events = new Emitter((error) => ports.log.error('a listener failed', { error: String(error) }));
    const parts = { ...deps, scope: this.#scope };
    this.#roster = new Roster({ ...deps, changed: (change) => this.#onChange(change) }, config);
    this.#pairing = new Pairing(
      { ...parts, reader: this.#reader, promise: (person) => this.#roster.promise(person), asked: () => this.events.emit('asked', {}) },
      config,
    );
    this.#telling = new Telling({ ...parts, own: () => this.ownList, audience: () => this.#audience() });
    const lists: SharedKind = {
      all: () =>
        this.#roster.book
          .all()
          .flatMap(({ person, signed }) => (person.keyId === this.person.keyId ? [] : [[person.keyId, JSON.stringify(signed)]])),
      apply: (person, value) => this.#applyShared(person, value),
    };
    this.#sharing = new Sharing({ ...parts, others: () => this.others(), kinds: new Map([...deps.kinds, ['list', lists]]) }, config);
    overlay.sealed.handle(DEVICES, (arrival) => this.#onDevices(arrival));
    deps.metrics.gauge('devices', () => this.others().length);
  }

  /** After contacts and channels. */
  async load(): Promise<void> {
    const { standing, lists, told, shared } = await readAll(this.#deps.ports.store);
    this.#roster.load(standing, lists);
    this.#telling.load(told);
    this.#sharing.load(shared);
  }

  start(): void {
    const { overlay, ports } = this.#deps;
    this.#run(this.#sharing.sayAll());
    this.#scope.every(
      () => this.#config.tryAgainMs * (0.67 + 0.66 * ports.random.number()),
      () => this.#meet(),
    );
    this.#scope.add(
      overlay.events.on('presence', ({ nodeId, present }) => {
        if (present) this.#meet(nodeId);
      }),
    );
  }

  close(): Promise<void> {
    return this.#scope.close();
  }

  /** Whom this node stands for: itself, or the person whose device it is. */
  get person(): NodeKey {
    return this.#roster.person;
  }

  /** What the person is called; of a linked device, what their first is. */
  get name(): string {
    return this.isLinked ? (this.ownList?.name ?? this.#deps.identity.name) : this.#deps.identity.name;
  }

  /** Whether this node is a device of somebody whose first is another. */
  get isLinked(): boolean {
    return this.#roster.isLinked;
  }

  get standing(): DeviceStanding {
    return this.#roster.standing;
  }

  /** The list of this node's person; undefined while there is none. */
  get ownList(): DeviceList | undefined {
    return this.#roster.ownList;
  }

  /** This person's nodes but this one. */
  others(): NodeKey[] {
    return this.#roster.others();
  }

  /** The nodes of somebody. */
  nodesOf(person: NodeKey): NodeKey[] {
    return this.#roster.book.nodesOf(person);
  }

  /** The person whose device a node is, or was, and what that device is called; undefined for who stands for themselves. */
  ownerOf(nodeId: string): ReturnType<DeviceBook['ownerOf']> {
    return this.#roster.book.ownerOf(nodeId);
  }

  /** The node id of the person whose device a node is, or was: often the node itself. */
  personOf(nodeId: string): string {
    return this.ownerOf(nodeId)?.person.nodeId ?? nodeId;
  }

  /** Whether a node is the author of something, or a device of the same person now: what a revoked one says for others does not count. */
  speaksFor(nodeId: string, author: string): boolean {
    return nodeId === author || (this.ownerOf(nodeId)?.until === undefined && this.personOf(nodeId) === this.personOf(author));
  }

  /** Whether a node is, or was, this person's. */
  isOwn(nodeId: string): boolean {
    return nodeId === this.#deps.identity.nodeId || this.personOf(nodeId) === this.person.nodeId;
  }

  /** See `Pairing.isMeeting`. */
  isMeeting: Pairing['isMeeting'] = (nodeId) => this.#pairing.isMeeting(nodeId);

  /** A code by which the first device links this one; the one before is void. Errors: `conflict` for a node that stands for somebody already. */
  code(): { readonly link: string; readonly expires: number } {
    if (this.standing.state === 'revoked')
      throw new ParleyError('conflict', 'this device was revoked: link a new one, with a data folder of its own');
    if (this.isLinked || this.others().length > 0 || this.#deps.isKnown())
      throw new ParleyError('conflict', 'this node stands for somebody already: a new device begins with an empty data folder');
    return this.#pairing.show();
  }

  /** Who has proved to have that code, with the number that both show; undefined while nobody has. */
  get askedBy(): Pairing['by'] {
    return this.#pairing.by;
  }

  /**
   * Asks the device that shows a link whether it is to be one of this person's. Resolves with the number that it shows too; `confirm` links it.
   * Errors: `bad-argument`, `refused` on a linked device, `quota`, `conflict`, `unreachable`, `timeout`.
   */
  async ask(typed: string): Promise<Agreed & { readonly number: string }> {
    const link = parseDeviceLink(typed);
    this.#checkFirst('linked');
    this.#checkFree(link.keyId);
    return this.#pairing.ask(link);
  }

  /** Links a device that has agreed. On disk when it resolves. Errors: `not-found`, `refused`, `quota`, `conflict`, those of the store. */
  async confirm(keyId: string): Promise<Device> {
    this.#checkFirst('linked');
    this.#checkFree(keyId);
    const { name, nodeId, statement } = this.#pairing.take(keyId);
    const now = this.#deps.ports.clock.now();
    const taken = new Set(this.ownList?.devices.map((device) => device.name));
    let called = name;
    for (let i = 2; taken.has(called); i++) called = `${name} ${i}`.slice(-64);
    const device: Device = { keyId, nodeId, name: called, added: now, statement };
    await this.#roster.sign((list) => ({ ...list, devices: [...list.devices, device] }));
    return device;
  }

  /** Takes a device out of the list, for good. On disk when it resolves. Errors: `not-found`, `refused` on a linked device, those of the store. */
  async revoke(who: string): Promise<Device> {
    this.#checkFirst('revoked');
    const device = findDevice(this.ownList, who);
    const { keyId, nodeId, name, statement } = device;
    await this.#roster.sign((list) => ({
      ...list,
      devices: list.devices.filter((one) => one.keyId !== keyId),
      former: [...list.former, { keyId, nodeId, name, until: this.#deps.ports.clock.now(), statement }].slice(-this.#config.maxFormer),
    }));
    return device;
  }

  /** Something that own devices share is so from now on; undefined: it is no more. */
  say(key: string, value: string | undefined): void {
    this.#run(this.#sharing.say(key, value));
  }

  /** What own devices share under a key. */
  shared(key: string): string | undefined {
    return this.#sharing.get(key);
  }

  /** Somebody is a contact now, or no more. */
  know(person: string, isContact: boolean): void {
    if (isContact) {
      this.#sharing.again(`list/${person}`);
      this.#telling.look();
    } else if (person !== this.person.keyId && this.#roster.book.get(person)) this.#run(this.#roster.drop(person));
  }

  /** Does what is due now: for one node, or for all. */
  #meet(only?: string): void {
    if (!this.isLinked) this.#telling.look(only);
    for (const device of this.others()) {
      if ((only !== undefined && only !== device.nodeId) || !this.#deps.overlay.reaches(device.nodeId)) continue;
      this.#run(this.#sharing.compare(device));
      // The first may have lost its disk: what it has signed comes back to it.
      const list = this.ownList;
      if (this.isLinked && list && device.nodeId === this.person.nodeId) this.#run(this.#telling.again(device, list));
    }
  }

  #audience(): NodeKey[] {
    return [...this.others(), ...this.#deps.contacts().flatMap((contact) => this.#roster.book.nodesOf(contact))];
  }

  #checkFirst(what: string): void {
    if (this.isLinked) throw new ParleyError('refused', `devices are ${what} on the first device alone`);
  }

  #checkFree(keyId: string): void {
    const list = this.ownList;
    if (keyId === this.#deps.identity.keyId) throw new ParleyError('bad-argument', 'this is the code of this very device');
    if (this.ownerOf(this.#deps.keys.resolve(keyId)?.nodeId ?? '') || this.#deps.isContact(keyId))
      throw new ParleyError('conflict', 'this key is, or was, a device of somebody, or a contact');
    if (list && list.devices.length + 1 >= this.#config.maxDevices)
      throw new ParleyError('quota', `a person has at most ${this.#config.maxDevices} devices`);
  }

  async #onDevices({ data, origin }: Arrival<DataOf<typeof DEVICES>>): Promise<Verdict> {
    const person = personNamed(data.list);
    // There are many signatures in it: a stranger's are not looked at.
    if (person !== undefined && !this.#roster.concerns(person)) return { verdict: 'refuse', reason: 'not a contact' };
    const list = await readList(this.#reader, this.#deps.keys, data.list);
    if (!list) return { verdict: 'drop', reason: 'devices-forged' };
    // The person or any of their devices bring it, or an own one.
    const brings = [...this.#roster.book.nodesOf(list.person), ...list.devices].some(({ nodeId }) => nodeId === origin);
    if (!brings && !this.others().some(({ nodeId }) => nodeId === origin)) return { verdict: 'drop', reason: 'devices-unasked' };
    const heard = await this.#roster.hear(list);
    if (heard === undefined || heard === 'same') return ACCEPT;
    return heard === 'not a contact' ? { verdict: 'refuse', reason: heard } : { verdict: 'drop', reason: heard };
  }

  #onChange(change: RosterChange): void {
    const { person, own, revoked, list } = change;
    if (own) this.#pairing.end();
    if (own && list) this.#run(this.#sharing.sayAll());
    if (revoked) this.#run(this.#sharing.forget());
    this.events.emit('changed', change);
    if (own) this.#meet();
    else if (!revoked) this.say(`list/${person.keyId}`, list && JSON.stringify(list.signed));
  }

  async #applyShared(person: string, value: string | undefined): Promise<void> {
    const signed: unknown = value === undefined ? undefined : JSON.parse(value);
    const list = typeof signed === 'string' ? await readList(this.#reader, this.#deps.keys, signed) : undefined;
    if (list && list.person.keyId === person && person !== this.person.keyId && this.#deps.isContact(person)) await this.#roster.hear(list);
  }

  #run(task: Promise<unknown>): void {
    this.#scope.run(
      task.then(() => {}),
      (error) => this.#deps.ports.log.debug('own devices could not be kept up', { error: ParleyError.from(error).message }),
    );
  }
}
