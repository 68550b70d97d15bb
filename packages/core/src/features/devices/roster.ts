import type { Identity, KeyBook } from '../../identity/index.ts';
import type { Ports } from '../../ports/index.ts';
import type { StoreWrite } from '../../ports/store.ts';
import { Turns } from '../../util/turns.ts';
import type { DeviceConfig } from './config.ts';
import { type Device, type DeviceList, type NodeKey, signList, storedList } from './list.ts';
import { DeviceBook } from './people.ts';
import { type DeviceStanding, forgottenGone, forgottenWrite, listGone, listWrite, standingWrite } from './store.ts';

/** What a list that was taken changes. */
export interface RosterChange {
  readonly person: NodeKey;
  /** It is this node's own person. */
  readonly own: boolean;
  /** Nodes that are the person's no more. */
  readonly gone: readonly NodeKey[];
  /** This node is a device of that person no more. */
  readonly revoked: boolean;
  /** This node has come along to another key of its person. */
  readonly moved?: boolean;
  /** Undefined where nothing is known of them any more. */
  readonly list: DeviceList | undefined;
}

export interface RosterDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly keys: KeyBook;
  /** Blocked ones among them: who is blocked stays so with all their devices. */
  readonly isContact: (keyId: string) => boolean;
  /** Whether this node stands for somebody already. */
  readonly isKnown: () => boolean;
  /** Called once a change is on disk and counts. */
  readonly changed: (change: RosterChange) => void;
}

/** Of the person of a linked device. */
const MAX_FORMER_KEYS = 100;

type Lists = Pick<DeviceList, 'devices' | 'former'>;

/** The key that takes the place of a person's. */
export interface Heir {
  /** Key id. */
  readonly from: string;
  readonly to: string;
  /** When it was signed, in milliseconds since 1970. */
  readonly time: number;
}

/** Who this node stands for, and whose device is whose: lists are taken one after another, each on disk before it counts. */
export class Roster {
  readonly book = new DeviceBook();
  readonly #deps: RosterDeps;
  readonly #config: DeviceConfig;
  #standing: DeviceStanding = { state: 'own' };
  readonly #turns = new Turns();

  constructor(deps: RosterDeps, config: DeviceConfig) {
    this.#deps = deps;
    this.#config = config;
  }

  load(standing: DeviceStanding, lists: readonly string[], forgotten: readonly (readonly [string, number])[]): void {
    this.#standing = standing;
    for (const [person, seq] of forgotten) this.book.forget(person, seq);
    for (const signed of lists) {
      const list = storedList(this.#deps.keys, signed);
      if (list) this.book.put(list);
    }
  }

  get standing(): DeviceStanding {
    return this.#standing;
  }

  get isLinked(): boolean {
    return this.#standing.state === 'linked';
  }

  /** Whom this node stands for: itself, or the person whose device it is. */
  get person(): NodeKey {
    const { keys, identity } = this.#deps;
    const { person } = this.#standing;
    return (this.isLinked && person !== undefined && keys.resolve(person)) || identity;
  }

  /** Whose device this node is to be, of a linked one whose person has named another key. */
  get heir(): NodeKey | undefined {
    const { state, heir } = this.#standing;
    return state === 'linked' && heir ? this.#deps.keys.resolve(heir.keyId) : undefined;
  }

  /** Key ids that the person of this device had before, the latest last. */
  get former(): readonly string[] {
    return this.#standing.former ?? [];
  }

  get ownList(): DeviceList | undefined {
    return this.book.get(this.person.keyId);
  }

  /** This person's nodes but this one. */
  others(): NodeKey[] {
    const { nodeId: self } = this.#deps.identity;
    return this.book.nodesOf(this.person).filter(({ nodeId }) => nodeId !== self);
  }

  /** Makes the next list of this node's person, whose key it has. */
  sign(change: (list: Lists) => Lists, alongside: readonly StoreWrite[] = []): Promise<void> {
    return this.#turns.take(() => this.#sign(change, alongside));
  }

  /** `above`: the number of a list that this one takes the place of. */
  async #sign(change: (list: Lists) => Lists, alongside: readonly StoreWrite[], above = 0): Promise<void> {
    const { ports, identity } = this.#deps;
    const known = this.ownList;
    const lists = change({ devices: known?.devices ?? [], former: known?.former ?? [] });
    const time = ports.clock.now();
    // Also after an older copy of the disk was put back.
    const seq = Math.max((known?.seq ?? above) + 1, Math.floor(time / 1000));
    await this.#take(await signList(identity, { name: identity.name, seq, time, ...lists }), alongside);
  }

  /** This node's key has taken the place of another, whose list ends: these of its devices are this one's. On disk, with `alongside`, when it resolves. */
  inherit(from: string, devices: readonly Device[], alongside: readonly StoreWrite[]): Promise<void> {
    return this.#turns.take(async () => {
      // Nodes have been told up to some list of the old key: what comes after has higher numbers, whatever the clock says.
      const ended = this.book.get(from)?.seq;
      this.book.drop(from);
      const writes = [listGone(from), ...alongside];
      if (devices.length > 0) await this.#sign((list) => ({ ...list, devices }), writes, ended);
      else await this.#deps.ports.store.commit(writes);
    });
  }

  /** The key of this device's person has named another. Whether it goes along: with the one that was named last. Errors: those of the store. */
  follow({ from, to, time }: Heir): Promise<boolean> {
    return this.#turns.take(async () => {
      const { heir } = this.#standing;
      // The key that it goes along with may name a further one before this device was there.
      const named = from === this.person.keyId || from === heir?.keyId;
      if (!this.isLinked || !named || (heir && heir.keyId !== to && heir.time >= time)) return false;
      if (heir?.keyId !== to) await this.#stand({ ...this.#standing, heir: { keyId: to, time } });
      return true;
    });
  }

  /** This node is about to sign that it is a device of that person. */
  promise(person: string): Promise<void> {
    const since = this.#deps.ports.clock.now();
    return this.#turns.take(() => this.#stand({ state: 'promised', person, since }));
  }

  /** Whether a list of that person could be taken. */
  concerns(person: string): boolean {
    return this.#awaits(person) || [this.person.keyId, this.heir?.keyId].includes(person) || this.#deps.isContact(person);
  }

  /** Takes a list that was read. Resolves with why it is not taken. */
  hear(list: DeviceList): Promise<string | undefined> {
    return this.#turns.take(async () => {
      const { person, devices } = list;
      const { identity, isContact } = this.#deps;
      const isHeir = person.keyId === this.heir?.keyId;
      const awaited = isHeir || this.#awaits(person.keyId);
      const mine = awaited || person.keyId === this.person.keyId;
      if (!this.concerns(person.keyId)) return 'not a contact';
      const isSelf = ({ keyId }: NodeKey): boolean => keyId === identity.keyId;
      if (awaited && !devices.some(isSelf)) return 'devices-unasked';
      // Devices come along from the list of the key before: it ends with this one.
      const ends = isHeir ? this.ownList : undefined;
      if (ends) this.book.drop(ends.person.keyId);
      const fault = this.book.faultOf(list, this.#config, (key) => (isSelf(key) ? mine : !isContact(key.keyId)));
      if (ends) this.book.put(ends);
      if (fault === undefined) await this.#take(list);
      return fault;
    });
  }

  /** Nothing is to be known of somebody's devices any more, but which lists of them are old: a revoked one would be back with such a list. */
  drop(person: string): Promise<void> {
    return this.#turns.take(async () => {
      const list = this.book.get(person);
      if (!list || person === this.person.keyId) return;
      const over = this.book.forget(person, list.seq);
      await this.#deps.ports.store.commit([listGone(person), forgottenWrite(person, list.seq), ...over.map(forgottenGone)]);
      this.#deps.changed({ person: list.person, own: false, gone: list.devices, revoked: false, list: undefined });
    });
  }

  /** Whether this node has signed to be a device of that person a while ago, and was not told yet. */
  #awaits(keyId: string): boolean {
    const { state, person, since = 0 } = this.#standing;
    const { ports, isKnown } = this.#deps;
    return state === 'promised' && person === keyId && ports.clock.now() < since + this.#config.promiseMs && !isKnown();
  }

  async #stand(standing: DeviceStanding, ...alongside: StoreWrite[]): Promise<void> {
    await this.#deps.ports.store.commit([standingWrite(standing), ...alongside]);
    this.#standing = standing;
  }

  async #take(list: DeviceList, alongside: readonly StoreWrite[] = []): Promise<void> {
    const { identity, ports } = this.#deps;
    const { person } = list;
    const earlier = person.keyId === this.heir?.keyId ? this.person : undefined;
    const before = this.book.nodesOf(earlier ?? person);
    const named = list.devices.some(({ keyId }) => keyId === identity.keyId);
    const write = listWrite(person.keyId, list.signed);
    const since = ports.clock.now();
    const revoked = this.isLinked && person.keyId === this.person.keyId && !named;
    if (earlier) {
      const former = [...this.former, earlier.keyId].slice(-MAX_FORMER_KEYS);
      await this.#stand({ state: 'linked', person: person.keyId, since, former }, write, listGone(earlier.keyId));
      this.book.drop(earlier.keyId);
    } else if (named && this.#awaits(person.keyId)) await this.#stand({ state: 'linked', person: person.keyId, since }, write);
    else if (revoked) await this.#stand({ state: 'revoked', person: person.keyId, since }, write);
    else await ports.store.commit([write, forgottenGone(person.keyId), ...alongside]);
    this.book.put(list);
    const now = this.book.nodesOf(person);
    const gone = before.filter(({ nodeId }) => !now.some((node) => node.nodeId === nodeId));
    this.#deps.changed({
      person,
      own: person.keyId === this.person.keyId,
      gone: revoked ? before : gone,
      revoked,
      moved: earlier !== undefined,
      list,
    });
  }
}
