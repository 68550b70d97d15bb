import type { Delivery } from '../../overlay/index.ts';

/** Where an own message stands with one recipient. */
export interface RecipientState {
  readonly state: Delivery['state'];
  readonly by?: string;
  readonly reason?: string;
}

/** Whose device a node is. */
export interface Owners {
  readonly isOwn: (nodeId: string) => boolean;
  /** Who a node stands for now, by the node id of the person: a revoked device stands for nobody but itself. */
  readonly personNow: (nodeId: string) => string;
}

/** How far a message is with a person who has several devices: as far as with the one that has most of it. */
const BEST: readonly Delivery['state'][] = ['read', 'delivered', 'stored', 'sent', 'waiting', 'failed', 'expired'];

/** Of several devices of one person the one that is furthest. Pure, as is all of this. */
export function furthest<T extends Pick<RecipientState, 'state'>>(first: T, ...others: readonly T[]): T {
  return others.reduce((best, one) => (BEST.indexOf(one.state) < BEST.indexOf(best.state) ? one : best), first);
}

/** Recipients as people: this user's own devices aside. */
export function byPerson(
  recipients: Readonly<Record<string, RecipientState>>,
  { isOwn, personNow }: Owners,
): Record<string, RecipientState> {
  const people: Record<string, RecipientState> = {};
  for (const [nodeId, entry] of Object.entries(recipients)) {
    if (isOwn(nodeId)) continue;
    const person = personNow(nodeId);
    const known = people[person];
    people[person] = known ? furthest(known, entry) : entry;
  }
  return people;
}
