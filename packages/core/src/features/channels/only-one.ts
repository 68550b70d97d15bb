import { ParleyError } from '../../util/errors.ts';
import type { StoredMessage } from './history-row.ts';

/**
 * The message with this id in a history that is read from its end, page by page, oldest first in each: an empty page ends it. Errors: `conflict` where several
 * bear it, with their cursors in `data.cursors`.
 */
export async function onlyOne(
  msgId: string,
  page: (before: string | undefined) => Promise<readonly StoredMessage[]>,
): Promise<StoredMessage | undefined> {
  const found: StoredMessage[] = [];
  let messages = await page(undefined);
  while (messages.length > 0) {
    found.push(...messages.filter((message) => message.msgId === msgId));
    if (found.length > 1) {
      const data = { cursors: found.map(({ cursor }) => cursor) };
      throw new ParleyError('conflict', 'several messages bear this id: name the one that is meant by its cursor', { data });
    }
    messages = await page(messages[0]?.cursor);
  }
  return found[0];
}
