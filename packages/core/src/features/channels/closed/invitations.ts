import type { Store, StoreWrite } from '../../../ports/store.ts';
import { TokenBucket } from '../../../util/bounded.ts';
import type { ClosedChannel, ClosedRow } from './channel.ts';

const TABLE = 'invitations';
/** Open ones: in all, by all of whom nothing was known, and of one inviter. */
const MAX_OPEN = 100;
const MAX_OF_STRANGERS = 50;
const MAX_EACH = 10;
/** Invitations of strangers: a second, and at once. */
const RATE = { perSecond: 1, burst: 50 };

export interface Invitation {
  readonly channel: ClosedChannel;
  /** Node id of the inviter. */
  readonly by: string;
  /** Whether the user had to do with them otherwise when it came. */
  readonly known?: boolean | undefined;
  /** Milliseconds since 1970. */
  readonly received: number;
  /** The user has accepted; the key is being asked for. */
  accepted: boolean;
}

export interface Inviter {
  readonly nodeId: string;
  /** Whether the user has to do with them otherwise. */
  readonly isKnown: boolean;
}

interface Row {
  readonly channel: ClosedRow;
  readonly by: string;
  readonly known?: boolean | undefined;
  readonly received: number;
  readonly accepted: boolean;
}

/** Invitations to closed channels that the user has not settled, bounded: anybody may send them. */
export class Invitations {
  readonly #store: Store;
  readonly #open = new Map<string, Invitation>();
  readonly #rate: TokenBucket;

  constructor(store: Store, now: number) {
    this.#store = store;
    this.#rate = new TokenBucket(RATE.perSecond, RATE.burst, now);
  }

  async load(restore: (row: ClosedRow) => ClosedChannel): Promise<void> {
    for (const { key, value } of await this.#store.range(TABLE, { limit: MAX_OPEN })) {
      const row = JSON.parse(value as string) as Row;
      this.#open.set(key, { ...row, channel: restore(row.channel) });
    }
  }

  get(channelId: string): Invitation | undefined {
    return this.#open.get(channelId);
  }

  all(): Invitation[] {
    return [...this.#open.values()].sort((a, b) => a.received - b.received);
  }

  /** Whether another is looked at now: those of strangers come at a rate. `now` in monotonic milliseconds. */
  paced(channelId: string, by: Inviter, now: number): boolean {
    return this.#open.has(channelId) || by.isKnown || this.#rate.take(now);
  }

  /** Why another has no room, by whom it is. */
  fault(channelId: string, by: Inviter): string | undefined {
    if (this.#open.has(channelId)) return undefined;
    const all = this.all();
    if (all.length >= MAX_OPEN) return 'invitations-full';
    // Keys cost nothing: those of strangers leave room for those whom the user knows.
    if (!by.isKnown && all.filter(({ known, accepted }) => !known && !accepted).length >= MAX_OF_STRANGERS) return 'invitations-full';
    return all.filter((invitation) => invitation.by === by.nodeId).length >= MAX_EACH ? 'invitations-each' : undefined;
  }

  put(invitation: Invitation): StoreWrite {
    const { channel, by, known, received, accepted } = invitation;
    this.#open.set(channel.id, invitation);
    const row: Row = { channel: channel.row(), by, known, received, accepted };
    return { op: 'put', table: TABLE, key: channel.id, value: JSON.stringify(row) };
  }

  remove(channelId: string): StoreWrite {
    this.#open.delete(channelId);
    return { op: 'delete', table: TABLE, key: channelId };
  }
}
