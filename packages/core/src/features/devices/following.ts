import type { Identity } from '../../identity/index.ts';
import { ACCEPT, type Arrival, type Overlay, type Verdict } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import { ParleyError } from '../../util/errors.ts';
import type { Scope } from '../../util/scope.ts';
import { Turns } from '../../util/turns.ts';
import type { SealingTarget } from '../../wire/jwe.ts';
import type { JwsReader } from '../../wire/jws.ts';
import type { DataOf } from '../../wire/verb.ts';
import type { DeviceConfig } from './config.ts';
import { compactIn, type Device, isStatement, type NodeKey, signStatement } from './list.ts';
import type { Heir, Roster } from './roster.ts';
import { type Coming, comingGone, comingWrite } from './store.ts';
import { DEVICE_FOLLOWS } from './verbs.ts';

export interface FollowingDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly reader: JwsReader;
  readonly overlay: Overlay;
  readonly scope: Scope;
  readonly roster: Roster;
  readonly target: (nodeId: string) => Promise<SealingTarget>;
  /** The key that takes the place of this node's, while that is under way. */
  readonly heir: () => Heir | undefined;
}

/** The key of a person is replaced, and their devices go along: each signs whose it is from then on, before the change or after. */
export class Following {
  readonly #deps: FollowingDeps;
  readonly #config: DeviceConfig;
  /** By key id: devices of the key that is replaced by this one, or replaces it. */
  readonly #coming = new Map<string, Coming>();
  readonly #turns = new Turns();

  constructor(deps: FollowingDeps, config: DeviceConfig) {
    this.#deps = deps;
    this.#config = config;
    deps.overlay.sealed.handle(DEVICE_FOLLOWS, (arrival) => this.#onFollows(arrival));
  }

  load(coming: readonly Coming[]): void {
    for (const device of coming) this.#coming.set(device.keyId, device);
  }

  /** Devices that this key waits for: they were those of the key before it. */
  waitedFor(): Coming[] {
    const { ports, identity } = this.#deps;
    return [...this.#coming.values()].filter(({ heir, until }) => heir === identity.keyId && until > ports.clock.now());
  }

  /** Whether devices were to come along to a key. */
  waitsAs(keyId: string): boolean {
    return [...this.#coming.values()].some(({ heir }) => heir === keyId);
  }

  /** One of these is waited for no more. Errors: those of the store. */
  async giveUp(device: Coming): Promise<void> {
    await this.#deps.ports.store.commit([comingGone(device)]);
    this.#coming.delete(device.keyId);
  }

  /** This node's key has taken the place of another: devices that have agreed are its own now, others are waited for. Done before, it does nothing. */
  async inherit({ from, to, time }: Heir): Promise<void> {
    const { identity, roster } = this.#deps;
    // Those that were to come along to the key before come along to this one.
    const carried = [...this.#coming.values()].filter(({ heir }) => heir === from);
    const list = roster.book.get(from);
    if (to !== identity.keyId || (!list && carried.length === 0)) return;
    const until = time + this.#config.followMs;
    const listed = list?.devices ?? [];
    const all = [...listed, ...carried.filter(({ keyId }) => !listed.some((device) => device.keyId === keyId))].map(
      ({ keyId, nodeId, name, added }): Coming => {
        const known = this.#coming.get(keyId);
        const statement = known?.heir === to ? known.statement : undefined;
        return { keyId, nodeId, name, added, heir: to, until, ...(statement === undefined ? {} : { statement }) };
      },
    );
    const agreed = all.flatMap(({ statement, keyId, nodeId, name, added }): Device[] =>
      statement === undefined ? [] : [{ keyId, nodeId, name, added, statement }],
    );
    const open = all.filter(({ statement }) => statement === undefined);
    await roster.inherit(from, agreed, [...[...this.#coming.values()].map(comingGone), ...open.map(comingWrite)]);
    this.#coming.clear();
    this.load(open);
  }

  /** Tells the key before and the one after it, whichever is there, that this device goes along: until it is in the list of the latter. */
  tell(): void {
    const { roster, overlay, ports, scope } = this.#deps;
    const { heir } = roster;
    if (!heir) return;
    for (const nodeId of [roster.person.nodeId, heir.nodeId]) {
      if (!overlay.reaches(nodeId)) continue;
      scope.run(this.#tell(nodeId, heir), (error) =>
        ports.log.debug('a new key could not be told that this device goes along', { error: ParleyError.from(error).message }),
      );
    }
  }

  async #tell(nodeId: string, heir: NodeKey): Promise<void> {
    const { identity, ports, overlay, target } = this.#deps;
    const to = await target(nodeId);
    const statement = await signStatement(identity, heir.keyId, ports.clock.now());
    await overlay.sealed.send(DEVICE_FOLLOWS, { statement }, { target: to });
  }

  #onFollows({ data, origin, message }: Arrival<DataOf<typeof DEVICE_FOLLOWS>>): Promise<Verdict> {
    return this.#turns.take(async (): Promise<Verdict> => {
      const { roster, reader, identity } = this.#deps;
      const keyId = message.auth?.key ?? '';
      const device = roster.ownList?.devices.find((one) => one.nodeId === origin);
      const waited = this.waitedFor().find((one) => one.nodeId === origin);
      const heir = this.#deps.heir();
      const to = waited ? identity.keyId : device && heir?.from === identity.keyId ? heir.to : undefined;
      // It is in the list already, or it is none that could come along.
      if (to === undefined) return device ? ACCEPT : { verdict: 'refuse', reason: 'not a device of this person' };
      const statement = compactIn(data.statement) ?? '';
      if (!(await isStatement(reader, statement, keyId, to))) return { verdict: 'drop', reason: 'device-statement' };
      if (waited) {
        const { nodeId, name, added } = waited;
        const next: Device = { keyId, nodeId, name, added, statement };
        await roster.sign((list) => ({ ...list, devices: [...list.devices, next] }), [comingGone(waited)]);
        this.#coming.delete(keyId);
      } else if (device && heir) {
        const { nodeId, name, added } = device;
        const coming: Coming = { keyId, nodeId, name, added, heir: to, until: heir.time + this.#config.followMs, statement };
        await this.#deps.ports.store.commit([comingWrite(coming)]);
        this.#coming.set(keyId, coming);
      }
      return ACCEPT;
    });
  }
}
