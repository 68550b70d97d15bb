import { sizeText } from '@parley/core';
import type { MessageView } from '@parley/host';
import { safeText } from '../text/safe-text.ts';

export type Attached = NonNullable<MessageView['attachments']>[number];

const STATES: Readonly<Record<string, string>> = {
  missing: ', has not come',
  damaged: ', damaged: not what was signed',
  offered: ', not fetched yet',
  waiting: ', waits for somebody who has it',
  failed: ', failed: it is not what its message says',
};

/** What is attached to a message, for people: `photo.png (image/png, 34 KiB, not fetched yet)`. */
export function attachmentWords({ name, type, size, state, have = 0, error }: Attached): string {
  const fetching = `, being fetched: ${Math.floor((100 * have) / Math.max(1, size))} %`;
  const words = error ? `, ${safeText(error.message)}` : state === 'fetching' ? fetching : (STATES[String(state)] ?? '');
  return `${safeText(name)} (${safeText(type)}, ${sizeText(size)}${words})`;
}

/** The same with its number among several: `[0] photo.png (image/png, 34 KiB)`. */
export function attachmentLine(attached: Attached): string {
  return `[${attached.index}] ${attachmentWords(attached)}`;
}
