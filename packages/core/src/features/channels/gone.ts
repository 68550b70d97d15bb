import type { Store, StoreRow, StoreWrite } from '../../ports/store.ts';
import { BY_SEQ, NO_MORE, OWN, SEQS, seqKey, tableOf } from './history-keys.ts';
import type { StoredMessage } from './history-row.ts';
import type { Holding } from './holdings.ts';
import type { ChannelMessage } from './message.ts';

export function holdingWrite(channelId: string, sender: string, holding: Holding): StoreWrite {
  return { op: 'put', table: SEQS, key: `${channelId}/${sender}`, value: JSON.stringify(holding) };
}

/** What keeps that a message is no more: its number is there, and nothing of what it said. */
export function absence({ channelId, sender, seq }: ChannelMessage, holding: Holding | undefined): StoreWrite[] {
  const place: StoreWrite = { op: 'put', table: BY_SEQ, key: seqKey(channelId, sender, seq), value: NO_MORE };
  return holding ? [place, holdingWrite(channelId, sender, holding)] : [place];
}

/** What takes a message away whose time is over. `holding`: what is held of its sender then, where its channel is open. */
export function departure(message: StoredMessage, self: string, holding: Holding | undefined): StoreWrite[] {
  const { cursor, sender, msgId } = message;
  const own: StoreWrite[] = sender === self ? [{ op: 'delete', table: OWN, key: msgId }] : [];
  return [{ op: 'delete', table: tableOf(cursor), key: cursor }, ...own, ...absence(message, holding)];
}

/** Bytes that a kept message takes. */
export async function sizeAt(store: Store, { channelId, sender, seq }: StoredMessage): Promise<number> {
  const place = await store.get(BY_SEQ, seqKey(channelId, sender, seq));
  return Number(String(place ?? '').split(' ')[1] ?? 0);
}

/** Of places by number, the numbers whose messages are no more. */
export function goneNumbers(places: readonly StoreRow[]): number[] {
  return places.filter(({ value }) => value === NO_MORE).map(({ key }) => Number(key.slice(-16)));
}
