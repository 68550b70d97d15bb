import type { Store, StoreWrite } from '../../../ports/store.ts';
import { TokenBucket } from '../../../util/bounded.ts';
import type { ClosedChannel, ClosedRow } from './channel.ts';

const TABLE = 'invitations';
/** Open ones, in all and of one inviter. */
const MAX_OPEN = 100;
const MAX_EACH = 10;
/** Invitations a second, and at once, whoever sends them. */
const RATE = { perSecond: 1, burst: 50 };

export interface Invitation {
  readonly channel: ClosedChannel;
  /** Node id of the inviter. */
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly received: number;
  /** The user has accepted; the key is being asked for. */
  accepted: boolean;
}

interface Row {
  readonly channel: ClosedRow;
  readonly by: string;
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

  /** Why another is not taken from an inviter now. `now` in monotonic milliseconds. */
  fault(channelId: string, by: string, now: number): string | undefined {
    if (this.#open.has(channelId)) return undefined;
    if (!this.#rate.take(now)) return 'invitations-rate';
    if (this.#open.size >= MAX_OPEN) return 'invitations-full';
    return this.all().filter((invitation) => invitation.by === by).length >= MAX_EACH ? 'invitations-each' : undefined;
  }

  put(invitation: Invitation): StoreWrite {
    const { channel, by, received, accepted } = invitation;
    this.#open.set(channel.id, invitation);
    const row: Row = { channel: channel.row(), by, received, accepted };
    return { op: 'put', table: TABLE, key: channel.id, value: JSON.stringify(row) };
  }

  remove(channelId: string): StoreWrite {
    this.#open.delete(channelId);
    return { op: 'delete', table: TABLE, key: channelId };
  }
}
