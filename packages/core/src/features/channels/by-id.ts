import { ParleyError } from '../../util/errors.ts';
import type { StoredMessage } from './history-row.ts';

/**
 * The message with this id in a history that is read from its end, page by page, oldest first in each: an empty page ends it. Ids are their senders' own choice:
 * where only one will do, all of the history is looked through. Errors: `conflict` where several bear it then, with their cursors in `data.cursors`.
 */
export async function byId(
  msgId: string,
  onlyOne: boolean,
  page: (before: string | undefined) => Promise<readonly StoredMessage[]>,
): Promise<StoredMessage | undefined> {
  const found: StoredMessage[] = [];
  let messages = await page(undefined);
  while (messages.length > 0) {
    found.push(...messages.filter((message) => message.msgId === msgId));
    if (!onlyOne && found.length > 0) break;
    if (found.length > 1) {
      const data = { cursors: found.map(({ cursor }) => cursor) };
      throw new ParleyError('conflict', 'several messages bear this id: name the one that is meant by its cursor', { data });
    }
    messages = await page(messages[0]?.cursor);
  }
  return found.at(-1);
}
