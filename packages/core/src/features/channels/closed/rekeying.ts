import type { Identity } from '../../../identity/identity.ts';
import type { Timer } from '../../../ports/clock.ts';
import type { Ports } from '../../../ports/index.ts';
import { ParleyError } from '../../../util/errors.ts';
import { Scope } from '../../../util/scope.ts';
import type { ClosedBook } from './book.ts';
import type { ClosedChannel } from './channel.ts';
import type { Role } from './entry.ts';
import { MAX_EPOCH, makeEpoch } from './epochs.ts';
import type { KeyExchange } from './key-exchange.ts';
import type { MemberState } from './roles.ts';

const KEY_BYTES = 32;
/** When somebody is gone whose leaving nobody made a key for yet, these wait so long, so that not all make one at once. */
const WAIT_MS: Readonly<Record<Role, readonly [number, number]>> = {
  owner: [500, 2000],
  moderator: [2000, 5000],
  member: [5000, 15_000],
  observer: [15_000, 25_000],
};
/** After a failure (a full disk) it is tried again. */
const AGAIN_MS = 30_000;
/** KEYs that are made at once. */
const AT_ONCE = 20;

export interface RekeyingDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly book: ClosedBook;
  readonly exchange: KeyExchange;
}

interface Wait {
  readonly resolve: () => void;
  readonly reject: (error: ParleyError) => void;
}

/** New epochs: for those who are left when somebody has gone, and whenever two were made at once without knowledge of each other. */
export class Rekeying {
  readonly #deps: RekeyingDeps;
  readonly #scope: Scope;
  readonly #timers = new Map<string, Timer>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #waits = new Map<string, Wait[]>();

  constructor(deps: RekeyingDeps) {
    this.#deps = deps;
    this.#scope = new Scope(deps.ports.clock);
  }

  async close(): Promise<void> {
    for (const waits of this.#waits.values()) for (const { reject } of waits) reject(new ParleyError('closed', 'the node is closing'));
    await this.#scope.close();
  }

  /** Something has changed: whether an epoch is needed is looked at again. */
  check(channel: ClosedChannel): void {
    const { id } = channel;
    const me = this.#own(channel);
    if (!me || !channel.needsEpoch) this.#settle(id);
    if (!me || !channel.lacksEpoch) {
      this.#timers.get(id)?.cancel();
      this.#timers.delete(id);
      return;
    }
    if (this.#timers.has(id)) return;
    const [least, most] = WAIT_MS[me.role];
    this.#arm(channel, least + (most - least) * this.#deps.ports.random.number());
  }

  /** Resolves when the current epoch is for those who are in the channel alone, or this node is not. Errors: `closed`. */
  async clean(channel: ClosedChannel): Promise<void> {
    while (channel.needsEpoch && this.#own(channel)) {
      this.check(channel);
      await new Promise<void>((resolve, reject) => {
        this.#waits.set(channel.id, [...(this.#waits.get(channel.id) ?? []), { resolve, reject }]);
      });
    }
  }

  /** Makes the next epoch, and gives it to all. On disk when it resolves. Errors: those of the store. */
  rekey(channel: ClosedChannel): Promise<void> {
    const running = this.#running.get(channel.id);
    if (running) return running;
    const made = this.#rekey(channel).finally(() => this.#running.delete(channel.id));
    this.#running.set(channel.id, made);
    return made;
  }

  async #rekey(channel: ClosedChannel): Promise<void> {
    const { ports, identity, book } = this.#deps;
    const { state, id: channelId } = channel;
    // Not before those came whom it is for, whatever the clock says.
    const time = Math.max(ports.clock.now(), state.time);
    const number = Math.min(channel.highest + 1, MAX_EPOCH);
    const about = { channelId, number, key: ports.random.bytes(KEY_BYTES), time, covers: state.removals };
    const epoch = await makeEpoch({ crypto: ports.crypto, identity }, about);
    if (!book.has(channel)) return this.#settle(channelId);
    channel.add(epoch, ports.clock.now());
    await book.save(channel);
    const give = async ({ key, sealingKey }: MemberState): Promise<void> => {
      if (sealingKey) await this.#deps.exchange.give(channelId, { nodeId: channel.nodeId(key), sealingKey }, [epoch]);
    };
    const others = [...channel.state.members.values()].filter(({ key, joined }) => joined && key !== identity.keyId);
    while (others.length > 0) await Promise.all(others.splice(0, AT_ONCE).map(give));
    this.check(channel);
  }

  #arm(channel: ClosedChannel, ms: number): void {
    const fire = (): void => {
      this.#timers.delete(channel.id);
      if (!channel.lacksEpoch || !this.#own(channel)) {
        this.#settle(channel.id);
        return;
      }
      this.#scope.run(this.rekey(channel), (error) => {
        this.#deps.ports.log.error('a new key of a closed channel could not be made', { error: ParleyError.from(error).message });
        this.#arm(channel, AGAIN_MS);
      });
    };
    this.#timers.set(channel.id, this.#scope.after(ms, fire));
  }

  /** This node as a member: undefined where it is none, any more or yet. */
  #own(channel: ClosedChannel): MemberState | undefined {
    const me = this.#deps.book.has(channel) ? channel.member(this.#deps.identity.keyId) : undefined;
    return me?.joined ? me : undefined;
  }

  #settle(channelId: string): void {
    const waits = this.#waits.get(channelId) ?? [];
    this.#waits.delete(channelId);
    for (const { resolve } of waits) resolve();
  }
}
