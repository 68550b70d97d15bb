import type { Store, StoreRow, StoreWrite } from '../../ports/store.ts';
import { ACTS, BY_SEQ, HISTORY, seqKey } from './history-keys.ts';
import { readRow } from './history-row.ts';

const PAGE = 500;

/** By what a message of a backup is found. */
export function wordsOf({ key, value }: StoreRow): string {
  return (typeof value === 'string' && readRow(key, value)?.text) || '';
}

/** Edited messages are found by what they say last. Acts on one message lie together, in their order. */
export async function rewordEdited(store: Store): Promise<void> {
  for (let after = ''; ; ) {
    const page = await store.range(ACTS, { gt: after, limit: PAGE });
    const writes: StoreWrite[] = [];
    for (const { key, value } of page) {
      after = key;
      const edit = typeof value === 'string' ? readRow(key, value) : undefined;
      if (edit?.act?.kind !== 'edit' || edit.act.sender !== edit.sender) continue;
      const place = await store.get(BY_SEQ, seqKey(edit.channelId, edit.act.sender, edit.act.seq));
      const [cursor = ''] = typeof place === 'string' ? place.split(' ', 1) : [];
      const row = cursor === '' ? undefined : await store.get(HISTORY, cursor);
      const target = typeof row === 'string' ? readRow(cursor, row) : undefined;
      // Of a deleted message nothing is left to be found.
      if (typeof row !== 'string' || target?.msgId !== edit.act.msgId || (target.text === '' && target.attachments.length === 0)) continue;
      writes.push({ op: 'put', table: HISTORY, key: cursor, value: row, text: edit.text });
    }
    await store.commit(writes);
    if (page.length < PAGE) return;
  }
}
