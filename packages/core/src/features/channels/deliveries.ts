import type { Delivery } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import type { StoreWrite, TableSpec } from '../../ports/store.ts';
import { LruMap } from '../../util/bounded.ts';
import { Scope } from '../../util/scope.ts';
import { byPerson, type Owners, type RecipientState } from './persons.ts';

const TABLE = 'deliveries';
export const deliveryTables: readonly TableSpec[] = [{ name: TABLE, backup: {} }];

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

/** Who is to get a message, and what is expected of them: see `Deliveries.begin`. */
interface Asked {
  readonly recipients: readonly string[];
  readonly receipts: boolean;
  readonly marks: boolean;
}

export interface DeliveriesDeps {
  readonly ports: Ports;
  readonly owners: Owners;
  /** Whether the user shares what is read; who does not sees nothing of others either. */
  readonly marks: () => boolean;
  /** What is known of a message that is being sent, without its marks; undefined of one that is not. */
  readonly underWay: (msgId: string) => Asked | undefined;
  /** A message stands elsewhere than before. */
  readonly news: (msgId: string, delivery: DeliveryState) => void;
}

const SAVE_MS = 2000;

/** Marks beside own messages, kept on disk with a short delay: they are news, and come again if lost. */
export class Deliveries {
  readonly #deps: DeliveriesDeps;
  readonly #scope: Scope;
  readonly #rows = new LruMap<string, Row>(5000);
  /** Not on disk yet as they stand: none of them is forgotten before. */
  readonly #changed = new Map<string, Row>();
  /** Not told yet. */
  readonly #untold = new Set<string>();

  constructor(deps: DeliveriesDeps) {
    this.#deps = deps;
    this.#scope = new Scope(deps.ports.clock);
  }

  start(): void {
    this.#scope.every(
      () => SAVE_MS,
      () => {
        if (this.#changed.size > 0) this.#watch(this.#save());
      },
    );
  }

  async close(): Promise<void> {
    await this.#scope.close();
    await this.#save();
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
    this.#changed.set(msgId, row);
  }

  /** Takes news. What comes out of order changes nothing. */
  apply(delivery: Delivery): void {
    const row = this.#atHand(delivery.msgId);
    if (row) this.#apply(row, delivery);
    else this.#watch(this.#applyRead(delivery));
  }

  async #applyRead(delivery: Delivery): Promise<void> {
    const known = await this.#row(delivery.msgId);
    // Marks that were not on disk yet when the node crashed begin anew; what nothing waits for is a stranger's word unless there are marks.
    if (!known && delivery.late) return;
    // News of another recipient may have come meanwhile, and begun them.
    const row = known ?? this.#atHand(delivery.msgId) ?? { receipts: true, recipients: {} };
    this.#rows.set(delivery.msgId, row);
    this.#apply(row, delivery);
  }

  #apply(row: Row, delivery: Delivery): void {
    const before = row.recipients[delivery.recipient];
    if (!before && delivery.late) return;
    const state = delivery.state === 'read' && !(row.marks && this.#deps.marks()) ? 'delivered' : delivery.state;
    const { by, reason } = delivery;
    if (before && (RANK[before.state] > RANK[state] || (before.state === state && before.reason === reason))) return;
    row.recipients[delivery.recipient] = { state, ...(by === undefined ? {} : { by }), ...(reason === undefined ? {} : { reason }) };
    this.#changed.set(delivery.msgId, row);
    this.#tellSoon(delivery.msgId);
  }

  /** News of one instant goes together: a neighbour acknowledges for hundreds of recipients at once. */
  #tellSoon(msgId: string): void {
    this.#untold.add(msgId);
    if (this.#untold.size > 1) return;
    this.#scope.after(0, () => {
      const untold = [...this.#untold];
      this.#untold.clear();
      for (const id of untold) {
        const row = this.#atHand(id);
        if (row) this.#deps.news(id, this.#told(row));
      }
    });
  }

  /** Undefined for messages that are not ours. */
  async of(msgId: string): Promise<DeliveryState | undefined> {
    const row = await this.#row(msgId);
    return row && this.#told(row);
  }

  #told(row: Row): DeliveryState {
    const told = ([nodeId, entry]: [string, RecipientState]): [string, RecipientState] =>
      entry.state === 'read' && !this.#deps.marks() ? [nodeId, { ...entry, state: 'delivered' }] : [nodeId, entry];
    const recipients = Object.fromEntries(Object.entries(row.recipients).map(told));
    return { state: summarise(byPerson(recipients, this.#deps.owners), row.receipts), recipients };
  }

  async #save(): Promise<void> {
    const writes = [...this.#changed].map(([msgId, row]) => put(msgId, row));
    this.#changed.clear();
    if (writes.length > 0) await this.#deps.ports.store.commit(writes);
  }

  #watch(task: Promise<void>): void {
    this.#scope.run(task, (error) => this.#deps.ports.log.error('a mark could not be kept', { error: String(error) }));
  }

  #atHand(msgId: string): Row | undefined {
    return this.#changed.get(msgId) ?? this.#rows.get(msgId);
  }

  async #row(msgId: string): Promise<Row | undefined> {
    const known = this.#atHand(msgId);
    if (known) return known;
    const value = await this.#deps.ports.store.get(TABLE, msgId);
    // Another call may have read it, and changed it, meanwhile.
    const now = this.#atHand(msgId);
    if (now) return now;
    if (typeof value !== 'string') {
      // Not on disk yet when the node ended, while the message was: it waits.
      const asked = this.#deps.underWay(msgId);
      if (asked) this.begin(msgId, asked.recipients, asked);
      return this.#rows.get(msgId);
    }
    const row = JSON.parse(value) as Row;
    this.#rows.set(msgId, row);
    return row;
  }
}

function put(msgId: string, row: Row): StoreWrite {
  return { op: 'put', table: TABLE, key: msgId, value: JSON.stringify(row) };
}
