import type { Store, StoreWrite, TableSpec } from '../ports/store.ts';
import type { Log } from '../ports/log.ts';
import type { Message } from '../wire/message.ts';
import type { Held } from './held.ts';

const HELD = 'custody';
const BODY = 'custody_body';

export const custodyTables: readonly TableSpec[] = [{ name: HELD }, { name: BODY }];

/** What is kept of a held message beside its body. */
interface HeldRow {
  type: string;
  origin: string;
  id: string;
  bytes: number;
  at: number;
  own: boolean;
  receipts: boolean;
  from?: string;
  to: string[];
}

/** A held message as read back at the start. */
export interface Restored {
  readonly held: Omit<Held, 'waiting' | 'body'>;
  readonly destinations: readonly string[];
}

/** Held messages on disk: one row that says whom it is still for, and one with the body, written once (WIRE "one body a message"). */
export class CustodyStore {
  readonly #store: Store;
  readonly #log: Log;

  constructor(store: Store, log: Log) {
    this.#store = store;
    this.#log = log;
  }

  writes(held: Held, body: Message): StoreWrite[] {
    return [this.progress(held), { op: 'put', table: BODY, key: held.uid, value: JSON.stringify(body) }];
  }

  /** Whom it is still for. */
  progress(held: Held): StoreWrite {
    const row: HeldRow = {
      type: held.type,
      origin: held.origin,
      id: held.msgId,
      bytes: held.bytes,
      at: held.at,
      own: held.own,
      receipts: held.receipts,
      to: [...held.waiting.keys()],
    };
    if (held.from !== undefined) row.from = held.from;
    return { op: 'put', table: HELD, key: held.uid, value: JSON.stringify(row) };
  }

  removal(uid: string): StoreWrite[] {
    return [
      { op: 'delete', table: HELD, key: uid },
      { op: 'delete', table: BODY, key: uid },
    ];
  }

  async body(uid: string): Promise<Message | undefined> {
    const value = await this.#store.get(BODY, uid);
    return typeof value === 'string' ? (JSON.parse(value) as Message) : undefined;
  }

  async *all(): AsyncGenerator<Restored> {
    let after = '';
    for (;;) {
      const rows = await this.#store.range(HELD, { gt: after, limit: 1000 });
      for (const { key, value } of rows) {
        after = key;
        try {
          const { type, origin, id, bytes, at, own, receipts, from, to } = JSON.parse(value as string) as HeldRow;
          yield { held: { uid: key, type, origin, msgId: id, bytes, at, own, receipts, from }, destinations: to };
        } catch (error) {
          this.#log.error('a held message cannot be read', { uid: key, error: String(error) });
        }
      }
      if (rows.length < 1000) return;
    }
  }
}
