import type { Delivery } from '../../overlay/index.ts';
import type { Store, StoreWrite, TableSpec } from '../../ports/store.ts';
import { LruMap } from '../../util/bounded.ts';

const TABLE = 'deliveries';
export const deliveryTables: readonly TableSpec[] = [{ name: TABLE, backup: {} }];

/** Where an own message stands with one recipient. */
export interface RecipientState {
  readonly state: Delivery['state'];
  readonly by?: string;
  readonly reason?: string;
}

/** Where an own message stands: one word for all, and each recipient by itself. */
export interface DeliveryState {
  /**
   * `sending`: no other node has it yet. `sent`: the next node answers for it. `stored`: it waits at a node for recipients who are
   * away. `delivered`, `read`: every recipient has it. `failed`: it will not reach some of them.
   */
  readonly state: 'sending' | 'sent' | 'stored' | 'delivered' | 'read' | 'failed';
  readonly recipients: Readonly<Record<string, RecipientState>>;
}

const RANK: Record<Delivery['state'], number> = { waiting: 0, sent: 1, stored: 2, failed: 3, expired: 3, delivered: 4, read: 5 };

/** Whose device a node is. */
export interface Owners {
  readonly isOwn: (nodeId: string) => boolean;
  /** By the node id of the person. */
  readonly personOf: (nodeId: string) => string;
}

/** How far a message is with a person who has several devices: as far as with the one that has most of it. */
const BEST: readonly Delivery['state'][] = ['read', 'delivered', 'stored', 'sent', 'waiting', 'failed', 'expired'];

/** Recipients as people: this user's own devices aside. */
export function byPerson(
  recipients: Readonly<Record<string, RecipientState>>,
  { isOwn, personOf }: Owners,
): Record<string, RecipientState> {
  const people: Record<string, RecipientState> = {};
  for (const [nodeId, entry] of Object.entries(recipients)) {
    if (isOwn(nodeId)) continue;
    const person = personOf(nodeId);
    const known = people[person];
    if (!known || BEST.indexOf(entry.state) < BEST.indexOf(known.state)) people[person] = entry;
  }
  return people;
}

/** What recipients' states come to. */
export function summarise(recipients: Readonly<Record<string, RecipientState>>, receipts: boolean): DeliveryState['state'] {
  const states = Object.values(recipients).map((entry) => entry.state);
  if (states.some((state) => state === 'failed' || state === 'expired')) return 'failed';
  if (states.length > 0 && states.every((state) => state === 'read')) return 'read';
  if (states.every((state) => state === 'delivered' || state === 'read')) return 'delivered';
  if (states.some((state) => state === 'stored')) return 'stored';
  if (states.every((state) => state !== 'waiting')) return receipts ? 'sent' : 'delivered';
  return 'sending';
}

interface Row {
  receipts: boolean;
  /** Whether recipients tell that they have read it. */
  marks?: boolean;
  recipients: Record<string, RecipientState>;
}

/** Marks beside own messages, kept on disk with a short delay: they are news, and come again if lost. */
export class Deliveries {
  readonly #store: Store;
  readonly #owners: Owners;
  readonly #marks: () => boolean;
  readonly #rows = new LruMap<string, Row>(5000);
  readonly #changed = new Set<string>();

  /** `marks`: whether the user shares what is read; who does not sees nothing of others either. */
  constructor(store: Store, owners: Owners, marks: () => boolean) {
    this.#store = store;
    this.#owners = owners;
    this.#marks = marks;
  }

  /**
   * A message is about to be sent to these; or, for a reason, is not sent yet. `receipts`, `marks`: whether recipients sign for it, and tell that they
   * have read it.
   */
  begin(
    msgId: string,
    recipients: readonly string[],
    { receipts, marks }: { readonly receipts: boolean; readonly marks: boolean },
    reason?: string,
  ): void {
    const state: RecipientState = { state: 'waiting', ...(reason === undefined ? {} : { reason }) };
    const row: Row = { receipts, marks, recipients: Object.fromEntries(recipients.map((nodeId) => [nodeId, state])) };
    this.#rows.set(msgId, row);
    this.#changed.add(msgId);
  }

  /** Takes news. Returns the new state when anything changed; news that comes out of order changes nothing. */
  async apply(delivery: Delivery): Promise<DeliveryState | undefined> {
    // Marks that were not on disk yet when the node crashed begin anew; what nothing waits for is a stranger's word unless there are marks.
    const known = await this.#row(delivery.msgId);
    if (!known && delivery.late) return undefined;
    const row: Row = known ?? { receipts: true, recipients: {} };
    const before = row.recipients[delivery.recipient];
    if (known && !before && delivery.late) return undefined;
    const state = delivery.state === 'read' && !(row.marks && this.#marks()) ? 'delivered' : delivery.state;
    if (before && (RANK[before.state] > RANK[state] || before.state === state)) return undefined;
    const { by, reason } = delivery;
    row.recipients[delivery.recipient] = { state, ...(by === undefined ? {} : { by }), ...(reason === undefined ? {} : { reason }) };
    this.#rows.set(delivery.msgId, row);
    this.#changed.add(delivery.msgId);
    return this.#told(row);
  }

  /** Undefined for messages that are not ours. */
  async of(msgId: string): Promise<DeliveryState | undefined> {
    const row = await this.#row(msgId);
    return row && this.#told(row);
  }

  #told(row: Row): DeliveryState {
    const told = ([nodeId, entry]: [string, RecipientState]): [string, RecipientState] =>
      entry.state === 'read' && !this.#marks() ? [nodeId, { ...entry, state: 'delivered' }] : [nodeId, entry];
    const recipients = Object.fromEntries(Object.entries(row.recipients).map(told));
    return { state: summarise(byPerson(recipients, this.#owners), row.receipts), recipients };
  }

  takeWrites(): StoreWrite[] {
    const writes: StoreWrite[] = [];
    for (const msgId of this.#changed) {
      const row = this.#rows.get(msgId);
      if (row) writes.push(put(msgId, row));
    }
    this.#changed.clear();
    return writes;
  }

  async #row(msgId: string): Promise<Row | undefined> {
    const known = this.#rows.get(msgId);
    if (known) return known;
    const value = await this.#store.get(TABLE, msgId);
    if (typeof value !== 'string') return undefined;
    // Another call may have read it, and changed it, meanwhile.
    const now = this.#rows.get(msgId);
    if (now) return now;
    const row = JSON.parse(value) as Row;
    this.#rows.set(msgId, row);
    return row;
  }
}

function put(msgId: string, row: Row): StoreWrite {
  return { op: 'put', table: TABLE, key: msgId, value: JSON.stringify(row) };
}
