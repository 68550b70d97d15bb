import type { Store, StoreWrite, TableSpec } from '../../ports/store.ts';
import type { NodeKey } from './list.ts';
import type { SharedRow } from './shared.ts';

const TABLE = 'devices';
const TOLD = 'devices_told';
const SHARED = 'devices_shared';
export const deviceTables: readonly TableSpec[] = [
  { name: TABLE, backup: {} },
  { name: TOLD, small: true },
  { name: SHARED, backup: {} },
];

const PAGE = 500;
const SELF = 'self';
const LISTS = 'list/';
const COMING = 'coming/';
const FORGOTTEN = 'forgotten/';

/**
 * What this node is: `own`, somebody by itself; `promised`, it has signed to be a device of that person, whose list is not here yet; `linked`, it is one;
 * `revoked`, it is one no more.
 */
export interface DeviceStanding {
  readonly state: 'own' | 'promised' | 'linked' | 'revoked';
  /** Key id. */
  readonly person?: string;
  /** When it came to stand so, in milliseconds since 1970. */
  readonly since?: number;
  /** Of a linked one: the key that takes the place of its person's, and when that was signed. */
  readonly heir?: { readonly keyId: string; readonly time: number };
  /** Key ids that its person had before, the latest last. */
  readonly former?: readonly string[];
}

/** A device of a key that is being replaced, or was: it comes along once it has agreed. */
export interface Coming extends NodeKey {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly added: number;
  /** Key id of the one that it is to come along to; it is waited for until then, in milliseconds since 1970. */
  readonly heir: string;
  readonly until: number;
  /** By which it has agreed: a compact JWS. */
  readonly statement?: string;
}

async function read(store: Store, table: string): Promise<{ readonly key: string; readonly value: string }[]> {
  const found: { key: string; value: string }[] = [];
  for (let after = ''; ; ) {
    const page = await store.range(table, { gt: after, limit: PAGE });
    for (const { key, value } of page) found.push({ key, value: value as string });
    after = page.at(-1)?.key ?? after;
    if (page.length < PAGE) return found;
  }
}

/** What is kept: own standing, lists as they were signed, up to which list each node was told, and what own devices share. */
export async function readAll(store: Store): Promise<{
  readonly standing: DeviceStanding;
  readonly lists: string[];
  /** Numbers of the latest lists of persons who were forgotten, by key id. */
  readonly forgotten: [string, number][];
  readonly coming: Coming[];
  readonly told: [string, number][];
  readonly shared: SharedRow[];
}> {
  const rows = await read(store, TABLE);
  const self = rows.find(({ key }) => key === SELF);
  return {
    standing: self ? (JSON.parse(self.value) as DeviceStanding) : { state: 'own' },
    lists: rows.filter(({ key }) => key.startsWith(LISTS)).map(({ value }) => value),
    forgotten: rows.filter(({ key }) => key.startsWith(FORGOTTEN)).map(({ key, value }) => [key.slice(FORGOTTEN.length), Number(value)]),
    coming: rows.filter(({ key }) => key.startsWith(COMING)).map(({ value }) => JSON.parse(value) as Coming),
    told: (await read(store, TOLD)).map(({ key, value }) => [key, Number(value)]),
    shared: (await read(store, SHARED)).map(({ key, value }) => ({
      key,
      ...(JSON.parse(value) as { time: number; value: string | undefined }),
    })),
  };
}

export const standingWrite = (standing: DeviceStanding): StoreWrite => ({
  op: 'put',
  table: TABLE,
  key: SELF,
  value: JSON.stringify(standing),
});
export const listWrite = (person: string, signed: string): StoreWrite => ({ op: 'put', table: TABLE, key: LISTS + person, value: signed });
export const listGone = (person: string): StoreWrite => ({ op: 'delete', table: TABLE, key: LISTS + person });
export const forgottenWrite = (person: string, seq: number): StoreWrite => ({
  op: 'put',
  table: TABLE,
  key: FORGOTTEN + person,
  value: String(seq),
});
export const forgottenGone = (person: string): StoreWrite => ({ op: 'delete', table: TABLE, key: FORGOTTEN + person });
export const comingWrite = (device: Coming): StoreWrite => ({
  op: 'put',
  table: TABLE,
  key: COMING + device.keyId,
  value: JSON.stringify(device),
});
export const comingGone = ({ keyId }: Coming): StoreWrite => ({ op: 'delete', table: TABLE, key: COMING + keyId });
export const toldWrite = (nodeId: string, seq: number): StoreWrite => ({ op: 'put', table: TOLD, key: nodeId, value: String(seq) });
export const sharedWrite = ({ key, time, value }: SharedRow): StoreWrite => ({
  op: 'put',
  table: SHARED,
  key,
  value: JSON.stringify({ time, value }),
});
export const sharedGone = ({ key }: SharedRow): StoreWrite => ({ op: 'delete', table: SHARED, key });
