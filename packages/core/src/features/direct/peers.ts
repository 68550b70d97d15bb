import type { Store, StoreWrite, TableSpec } from '../../ports/store.ts';
import { base64, fromBase64 } from '../../util/base64.ts';
import { Turns } from '../../util/turns.ts';
import type { DirectConfig } from './config.ts';
import type { Group, Groups, Offer } from './groups.ts';

const SESSIONS = 'direct_sessions';
const OFFERS = 'direct_offers';
/** The key of this node that they were made with. */
const OWN = 'direct_own_key';
export const sessionTables: readonly TableSpec[] = [{ name: SESSIONS }, { name: OFFERS }, { name: OWN, small: true }];
const PAGE = 500;

/** Sessions belong to the key that they were made with: under another they are forgotten. Errors: those of the store. */
export async function keepOwn(store: Store, keyId: string): Promise<void> {
  const known = await store.get(OWN, 'key');
  if (known === keyId) return;
  for (const table of known === undefined ? [] : [SESSIONS, OFFERS]) {
    for (;;) {
      const rows = await store.range(table, { limit: PAGE });
      if (rows.length === 0) break;
      await store.commit(rows.map(({ key }) => ({ op: 'delete', table, key })));
    }
  }
  await store.commit([{ op: 'put', table: OWN, key: 'key', value: keyId }]);
}

/** A group with a contact, and how it was used. Times in milliseconds since 1970. */
export interface Session {
  group: Group;
  readonly made: number;
  /** When a message in it was last opened; 0 before the first. */
  heard: number;
  /** Messages sealed and opened in it. */
  used: number;
}

export interface PendingOffer extends Offer {
  readonly made: number;
}

/** What is kept of direct sessions with one contact. Its tasks run one after another: each moves a group on. */
export class Peer {
  readonly keyId: string;
  readonly publicKey: Uint8Array;
  /** The one that is written in first. */
  sessions: Session[];
  /** The oldest first. */
  offers: PendingOffer[];
  readonly #turns = new Turns();

  constructor(keyId: string, publicKey: Uint8Array, sessions: Session[], offers: PendingOffer[]) {
    this.keyId = keyId;
    this.publicKey = publicKey;
    this.sessions = sessions;
    this.offers = offers;
  }

  inTurn<T>(task: () => Promise<T>): Promise<T> {
    return this.#turns.take(task);
  }
}

/** Heard of last, or made last: so both sides come to write in the same one. */
const rank = ({ made, heard }: Session): number => Math.max(made, heard);

/** Puts sessions in order, and drops those that nothing can be under way in any more. Returns those that go. */
export function settle(peer: Peer, now: number, { maxSessions, keepMs }: DirectConfig): Session[] {
  const sorted = [...peer.sessions].sort((a, b) => rank(b) - rank(a));
  const kept = sorted.filter((session, index) => index === 0 || (index < maxSessions && rank(session) > now - keepMs));
  peer.sessions = kept;
  return sorted.filter((session) => !kept.includes(session));
}

const within = (keyId: string) => ({ gt: `${keyId}/`, lt: `${keyId}0` });

/** Reads back what is kept of a contact. */
export async function readPeer(store: Store, groups: Groups, keyId: string, publicKey: Uint8Array): Promise<Peer> {
  const [sessions, offers] = await Promise.all([store.range(SESSIONS, within(keyId)), store.range(OFFERS, within(keyId))]);
  const found = sessions.map(({ key, value }): Session => {
    const { state, made, heard, used } = JSON.parse(value as string) as { state: string; made: number; heard: number; used: number };
    const id = key.slice(keyId.length + 1);
    return { group: groups.decode(publicKey, id, fromBase64(state) ?? new Uint8Array(0)), made, heard, used };
  });
  const pending = offers.map(({ value }): PendingOffer => {
    const { offered, secret, made } = JSON.parse(value as string) as { offered: string; secret: string; made: number };
    return { offered: fromBase64(offered) ?? new Uint8Array(0), secret: fromBase64(secret) ?? new Uint8Array(0), made };
  });
  found.sort((a, b) => rank(b) - rank(a));
  pending.sort((a, b) => a.made - b.made);
  return new Peer(keyId, publicKey, found, pending);
}

export function sessionWrite(groups: Groups, { keyId }: Peer, { group, made, heard, used }: Session): StoreWrite {
  const value = JSON.stringify({ state: base64(groups.encode(group)), made, heard, used });
  return { op: 'put', table: SESSIONS, key: `${keyId}/${group.id}`, value };
}

export const sessionGone = ({ keyId }: Peer, { group }: Session): StoreWrite => ({
  op: 'delete',
  table: SESSIONS,
  key: `${keyId}/${group.id}`,
});

/** By the end of its signature. */
const offerKey = ({ keyId }: Peer, { offered }: Offer): string => `${keyId}/${base64(offered.slice(-32))}`;

export function offerWrite(peer: Peer, offer: PendingOffer): StoreWrite {
  const { offered, secret, made } = offer;
  return {
    op: 'put',
    table: OFFERS,
    key: offerKey(peer, offer),
    value: JSON.stringify({ offered: base64(offered), secret: base64(secret), made }),
  };
}

export const offerGone = (peer: Peer, offer: Offer): StoreWrite => ({ op: 'delete', table: OFFERS, key: offerKey(peer, offer) });
