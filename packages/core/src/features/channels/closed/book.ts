import type { KeyBook } from '../../../identity/ids.ts';
import type { Ports } from '../../../ports/index.ts';
import type { StoreWrite, TableSpec } from '../../../ports/store.ts';
import type { JwsReader } from '../../../wire/jws.ts';
import { Guid, jsonRows, KeyId, Nonce, Type } from '../../../wire/schema.ts';
import { ClosedChannel, type ClosedRow } from './channel.ts';
import { EntryReader } from './entry.ts';
import type { Epoch } from './epochs.ts';

const TABLE = 'closed_channels';
/** What every row has. */
const ROW = Type.Object({
  id: Guid,
  creator: KeyId,
  nonce: Nonce,
  entries: Type.Array(Type.String()),
  epochs: Type.Array(Type.Object({ statement: Type.String(), key: Type.String() })),
});
export const closedTables: readonly TableSpec[] = [
  { name: TABLE, backup: { fits: jsonRows(ROW) } },
  {
    name: 'invitations',
    backup: { fits: jsonRows(Type.Object({ channel: ROW, by: Guid, received: Type.Number(), accepted: Type.Boolean() })) },
  },
];

/** The closed channels of this node, on disk and in memory, and whose key is whose. */
export class ClosedBook {
  readonly entries: EntryReader;
  readonly #ports: Ports;
  readonly #keys: KeyBook;
  readonly #channels = new Map<string, ClosedChannel>();

  constructor(ports: Ports, keys: KeyBook, reader: JwsReader) {
    this.#ports = ports;
    this.#keys = keys;
    this.entries = new EntryReader(ports.crypto, reader);
  }

  async load(limit: number): Promise<ClosedChannel[]> {
    const deps = { crypto: this.#ports.crypto, keys: this.#keys, entries: this.entries };
    for (const { value } of await this.#ports.store.range(TABLE, { limit })) {
      const channel = ClosedChannel.restore(deps, JSON.parse(value as string) as ClosedRow);
      this.#channels.set(channel.id, channel);
    }
    return this.all();
  }

  get(channelId: string): ClosedChannel | undefined {
    return this.#channels.get(channelId);
  }

  all(): ClosedChannel[] {
    return [...this.#channels.values()];
  }

  /** A channel that this node takes part in from now on: to be saved. */
  add(about: Pick<ClosedRow, 'id' | 'creator' | 'nonce'>): ClosedChannel {
    const channel = this.make(about);
    this.#channels.set(channel.id, channel);
    return channel;
  }

  /** A channel as others tell of it. */
  make(about: Pick<ClosedRow, 'id' | 'creator' | 'nonce'>): ClosedChannel {
    return new ClosedChannel({ crypto: this.#ports.crypto, keys: this.#keys }, about);
  }

  put(channel: ClosedChannel): void {
    this.#channels.set(channel.id, channel);
  }

  /** Its keys are destroyed with it. */
  remove(channelId: string): StoreWrite {
    this.#channels.delete(channelId);
    return this.removal(channelId);
  }

  removal(channelId: string): StoreWrite {
    return { op: 'delete', table: TABLE, key: channelId };
  }

  /** Whether this node takes part in it, as this. */
  has(channel: ClosedChannel): boolean {
    return this.#channels.get(channel.id) === channel;
  }

  /** What was begun before this node left or was sent away, and ends after, brings no keys back. */
  write({ id }: ClosedChannel): StoreWrite {
    const channel = this.#channels.get(id);
    return channel ? { op: 'put', table: TABLE, key: id, value: JSON.stringify(channel.row()) } : this.removal(id);
  }

  save(channel: ClosedChannel, ...alongside: StoreWrite[]): Promise<void> {
    return this.#ports.store.commit([this.write(channel), ...alongside]);
  }

  /** The epoch that an id stands for, and its channel. */
  epoch(kid: string): { readonly channel: ClosedChannel; readonly epoch: Epoch } | undefined {
    for (const channel of this.#channels.values()) {
      const epoch = channel.epoch(kid);
      if (epoch) return { channel, epoch };
    }
    return undefined;
  }
}
