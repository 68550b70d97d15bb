import type { Store, StoreRow } from '../../ports/store.ts';
import type { Acting } from './act.ts';
import { ACTS, actsOn, DELETIONS, REST } from './history-keys.ts';
import { readRow, type StoredMessage } from './history-row.ts';

/** Acts on one message that count, besides deletions. */
const MAX_ACTS = 2000;
/** Deletions of one message by one node: only one of them does anything. */
const MAX_DELETIONS_EACH = 8;
const PAGE = 500;

/**
 * What was done to a message. Of everybody the first deletions: nobody hides what others have deleted behind what they do themselves. Of the rest
 * at most so much, its author's first, then the earliest.
 */
export async function doneTo(store: Store, channelId: string, sender: string, seq: number): Promise<(StoredMessage & Acting)[]> {
  const on = actsOn(channelId, sender, seq);
  const rest = await store.range(ACTS, { gt: `${on}${REST}`, lt: `${on}~`, limit: MAX_ACTS });
  return [...(await deletions(store, on)), ...rest].flatMap(({ key, value }) => {
    const message = readRow(key, value as string);
    return message?.act ? [message as StoredMessage & Acting] : [];
  });
}

async function deletions(store: Store, on: string): Promise<StoreRow[]> {
  const from = `${on}${DELETIONS}`;
  const found: StoreRow[] = [];
  const by = new Map<string, number>();
  for (let after = from; ; ) {
    const rows = await store.range(ACTS, { gt: after, lt: `${on}${REST}`, limit: PAGE });
    for (const row of rows) {
      const [who = ''] = row.key.slice(from.length).split('/', 1);
      const count = (by.get(who) ?? 0) + 1;
      by.set(who, count);
      if (count <= MAX_DELETIONS_EACH) found.push(row);
      // Whatever else they did of this kind is passed over.
      after = count < MAX_DELETIONS_EACH ? row.key : `${from}${who}0`;
    }
    if (rows.length < PAGE) return found;
  }
}
