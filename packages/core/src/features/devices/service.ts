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
import { Following } from './following.ts';
import { Linking } from './linking.ts';
import { type DeviceList, type NodeKey, personNamed, readList } from './list.ts';
import { Pairing } from './pairing.ts';
import type { DeviceBook } from './people.ts';
import { type Heir, Roster, type RosterChange } from './roster.ts';
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
  /** Blocked ones among them: who is blocked stays so with all their devices. */
  readonly isContact: (keyId: string) => boolean;
  /** Whether there is anybody in the book: then this node stands for somebody already. */
  readonly isKnown: () => boolean;
  readonly kinds: ReadonlyMap<string, SharedKind>;
  /** The key that takes the place of this node's, or whose place this one has taken, while that is under way. */
  readonly heir: () => Heir | undefined;
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
  readonly #following: Following;
  readonly #linking: Linking;

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
    this.#following = new Following({ ...parts, reader: this.#reader, roster: this.#roster }, config);
    this.#linking = new Linking({ ...deps, roster: this.#roster, pairing: this.#pairing, following: this.#following }, config);
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
    const { standing, lists, forgotten, coming, told, shared } = await readAll(this.#deps.ports.store);
    this.#roster.load(standing, lists, forgotten);
    this.#following.load(coming);
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

  /** Whether no device of anybody is known, as on most servers. */
  get knowsNone(): boolean {
    return this.#roster.book.isEmpty;
  }

  /** The node id of the person for whom a node stands now: a revoked device stands for nobody but itself. */
  personNow(nodeId: string): string {
    return this.ownerOf(nodeId)?.until === undefined ? this.personOf(nodeId) : nodeId;
  }

  /** Whether a node is the author of something, or a device of the same person now: what a revoked one says for others does not count. */
  speaksFor(nodeId: string, author: string): boolean {
    return nodeId === author || (this.ownerOf(nodeId)?.until === undefined && this.personOf(nodeId) === this.personOf(author));
  }

  /** Whether a node is, or was, this person's. */
  isOwn(nodeId: string): boolean {
    const { nodeId: self } = this.#deps.identity;
    if (nodeId === self || this.personOf(nodeId) === this.person.nodeId) return true;
    return this.formerPersons.some((keyId) => this.#deps.keys.resolve(keyId)?.nodeId === nodeId);
  }

  /** See `Pairing.isMeeting`. */
  isMeeting: Pairing['isMeeting'] = (nodeId) => this.#pairing.isMeeting(nodeId);

  /** See `Linking`. */
  code: Linking['code'] = () => this.#linking.code();
  ask: Linking['ask'] = (typed) => this.#linking.ask(typed);
  confirm: Linking['confirm'] = (keyId) => this.#linking.confirm(keyId);
  revoke: Linking['revoke'] = (who) => this.#linking.revoke(who);

  /** Who has proved to have the code that this device shows, with the number that both show; undefined while nobody has. */
  get askedBy(): Pairing['by'] {
    return this.#pairing.by;
  }

  /** The key of this device's person has named another in its place: this device goes along. Whether it does. Errors: those of the store. */
  async follow(heir: Heir): Promise<boolean> {
    const follows = await this.#roster.follow(heir);
    if (follows) this.#following.tell();
    return follows;
  }

  /** See `Following.waitedFor`. */
  waitedFor: Following['waitedFor'] = () => this.#following.waitedFor();

  /** Key ids that the person of this device had before, the latest last. */
  get formerPersons(): readonly string[] {
    return this.#roster.former;
  }

  /**
   * This node's key has taken the place of another: its devices come along where they have agreed. `isGone`: of what they share, what is no more. Done before,
   * it does nothing. Errors: those of the store.
   */
  async inherit(heir: Heir, isGone: (key: string) => boolean): Promise<void> {
    if (!this.#roster.book.get(heir.from) && !this.#following.waitsAs(heir.from)) return;
    await this.#sharing.retract(isGone);
    await this.#following.inherit(heir);
  }

  /** Somebody who may not have taken the list of this person's devices before would now. */
  remind(node: NodeKey): void {
    if (!this.isLinked) this.#run(this.#telling.remind(node));
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
    if (only === undefined || only === this.#roster.heir?.nodeId) this.#following.tell();
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
