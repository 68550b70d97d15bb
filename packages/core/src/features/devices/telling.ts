import type { Overlay } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import { LruMap } from '../../util/bounded.ts';
import { ParleyError } from '../../util/errors.ts';
import type { Scope } from '../../util/scope.ts';
import type { SealingTarget } from '../../wire/jwe.ts';
import type { DeviceList, NodeKey } from './list.ts';
import { toldWrite } from './store.ts';
import { DEVICES } from './verbs.ts';

const REMIND_MS = 60 * 60_000;

export interface TellingDeps {
  readonly ports: Ports;
  readonly overlay: Overlay;
  readonly scope: Scope;
  readonly target: (nodeId: string) => Promise<SealingTarget>;
  /** This person's list; undefined while there is none. */
  readonly own: () => DeviceList | undefined;
  /** Who is to know it, this node aside. */
  readonly audience: () => NodeKey[];
}

/** The device list of this person on its way to contacts and own devices: each is told each list once, as soon as their certificate is here. */
export class Telling {
  readonly #deps: TellingDeps;
  /** Up to which list a node was told; of one that was revoked, that it was. */
  readonly #told = new Map<string, number>();
  readonly #busy = new Set<string>();
  readonly #reminded = new LruMap<string, { readonly seq: number; readonly at: number }>(5000);

  constructor(deps: TellingDeps) {
    this.#deps = deps;
  }

  load(told: readonly [string, number][]): void {
    for (const [nodeId, seq] of told) this.#told.set(nodeId, seq);
  }

  /** Tells whoever does not know the latest list yet. */
  look(only?: string): void {
    const list = this.#deps.own();
    if (!list) return;
    for (const { nodeId } of this.#deps.audience())
      if ((only === undefined || only === nodeId) && (this.#told.get(nodeId) ?? 0) < list.seq) this.#tell(nodeId, nodeId, list);
    // A revoked device learns that it is one, and nothing of what comes after.
    for (const { nodeId } of list.former) {
      const asRevoked = `${nodeId}/revoked`;
      if ((only === undefined || only === nodeId) && !this.#told.has(asRevoked)) this.#tell(nodeId, asRevoked, list);
    }
  }

  /** Somebody may have refused the list, or lost it: now and then they are told again. */
  async remind(node: NodeKey): Promise<void> {
    const list = this.#deps.own();
    const now = this.#deps.ports.clock.monotonic();
    const last = this.#reminded.get(node.nodeId);
    if (!list || (last?.seq === list.seq && now - last.at < REMIND_MS)) return;
    this.#reminded.set(node.nodeId, { seq: list.seq, at: now });
    await this.again(node, list);
  }

  /** Somebody has shown to know an older list: told again. */
  async again({ nodeId }: NodeKey, list: DeviceList): Promise<void> {
    await this.#deps.overlay.sealed.send(DEVICES, { list: list.signed }, { target: await this.#deps.target(nodeId) });
  }

  #tell(nodeId: string, as: string, list: DeviceList): void {
    if (this.#busy.has(as)) return;
    this.#busy.add(as);
    const telling = async (): Promise<void> => {
      const target = await this.#deps.target(nodeId);
      const told = toldWrite(as, list.seq);
      await this.#deps.overlay.sealed.send(DEVICES, { list: list.signed }, { target }, { alongside: [told] });
      this.#told.set(as, list.seq);
    };
    const done = telling().finally(() => {
      this.#busy.delete(as);
      // There may be a newer one by now.
      if (this.#deps.own()?.seq !== list.seq) this.look(nodeId);
    });
    this.#deps.scope.run(done, (error) =>
      this.#deps.ports.log.debug('somebody could not be told of the devices', { error: ParleyError.from(error).message }),
    );
  }
}
