import type { Store, StoreWrite, TableSpec } from '../../ports/store.ts';
import { Guid, jsonRows, Type } from '../../wire/schema.ts';
import type { Channel, ChannelDirectory, Member } from './directory.ts';

const TABLE = 'channels';
/** What every row has. */
const ROW = Type.Object({ id: Guid, name: Type.String(), members: Type.Array(Type.Array(Type.Unknown())) });
export const membershipTables: readonly TableSpec[] = [{ name: TABLE, backup: { fits: jsonRows(ROW) } }];

/** What was kept before there were kinds is public. */
type Row = Omit<Channel, 'members' | 'kind'> & Partial<Pick<Channel, 'kind'>> & { readonly members: readonly [string, Member][] };

/** Joined channels and their members on disk, and those that the user was in. Others are announced again soon enough. */
export class ChannelStore {
  readonly #store: Store;
  readonly #directory: ChannelDirectory;
  readonly #changed = new Set<string>();

  constructor(store: Store, directory: ChannelDirectory) {
    this.#store = store;
    this.#directory = directory;
  }

  async load(limit: number): Promise<void> {
    for (const { value } of await this.#store.range(TABLE, { limit })) {
      const row = JSON.parse(value as string) as Row;
      this.#directory.put({ ...row, kind: row.kind ?? 'public', members: new Map(row.members) });
    }
  }

  /** What is on disk of a channel is not true any more. */
  changed(channelId: string): void {
    this.#changed.add(channelId);
  }

  get isBehind(): boolean {
    return this.#changed.size > 0;
  }

  /** Errors: those of the store; then the changes wait for the next time. */
  async save(): Promise<void> {
    const changed = [...this.#changed];
    if (changed.length === 0) return;
    this.#changed.clear();
    try {
      await this.#store.commit(changed.map((id) => this.#write(id)));
    } catch (error) {
      for (const id of changed) this.#changed.add(id);
      throw error;
    }
  }

  #write(key: string): StoreWrite {
    const channel = this.#directory.get(key);
    if (!channel?.joined && !channel?.ended) return { op: 'delete', table: TABLE, key };
    return { op: 'put', table: TABLE, key, value: JSON.stringify({ ...channel, members: [...channel.members] }) };
  }
}
