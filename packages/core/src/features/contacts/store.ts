import type { Store, StoreWrite, TableSpec } from '../../ports/store.ts';
import { Guid, jsonRows, KeyId, Type } from '../../wire/schema.ts';
import type { Change } from './book.ts';
import type { Contact } from './contact.ts';

const TABLE = 'contacts';
/** What every row has. */
const ROW = Type.Object({
  keyId: KeyId,
  nodeId: Guid,
  state: Type.Enum(['requested', 'incoming', 'accepted']),
  verified: Type.Boolean(),
  blocked: Type.Boolean(),
  added: Type.Number(),
});
/** When the user last decided about a key that is in the book no more: what it asked before that is not asked again. */
const DECIDED = 'contact_decisions';
export const contactTables: readonly TableSpec[] = [
  { name: TABLE, backup: { fits: jsonRows(ROW) } },
  { name: DECIDED, small: true, backup: {} },
];

const PAGE = 500;

async function* rows(store: Store, table: string): AsyncGenerator<{ readonly key: string; readonly value: string }> {
  for (let after = ''; ; ) {
    const page = await store.range(table, { gt: after, limit: PAGE });
    for (const { key, value } of page) {
      after = key;
      yield { key, value: value as string };
    }
    if (page.length < PAGE) return;
  }
}

/** Contacts in the order in which they became known. */
export async function readContacts(store: Store): Promise<Contact[]> {
  const found: Contact[] = [];
  for await (const { value } of rows(store, TABLE)) found.push(JSON.parse(value) as Contact);
  return found.sort((a, b) => a.added - b.added);
}

/** Key ids with the time of the decision, the oldest first. */
export async function readDecisions(store: Store): Promise<[string, number][]> {
  const found: [string, number][] = [];
  for await (const { key, value } of rows(store, DECIDED)) found.push([key, Number(value)]);
  return found.sort(([, a], [, b]) => a - b);
}

export function changeWrites({ put = [], gone = [] }: Change): StoreWrite[] {
  return [
    ...gone.map((keyId): StoreWrite => ({ op: 'delete', table: TABLE, key: keyId })),
    ...put.map((contact): StoreWrite => ({ op: 'put', table: TABLE, key: contact.keyId, value: JSON.stringify(contact) })),
  ];
}

export const decisionWrite = (keyId: string, time: number): StoreWrite => ({ op: 'put', table: DECIDED, key: keyId, value: String(time) });
export const decisionGone = (keyId: string): StoreWrite => ({ op: 'delete', table: DECIDED, key: keyId });
