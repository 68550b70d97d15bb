import type { MessageView } from '@parley/host';
import { safeText } from '../text/safe-text.ts';
import { sizeText } from '../text/size.ts';

export type Attached = NonNullable<MessageView['attachments']>[number];

const STATES: Readonly<Record<string, string>> = {
  missing: ', has not come',
  damaged: ', damaged: not what was signed',
  offered: ', not fetched yet',
  fetching: ', being fetched',
  waiting: ', waits for somebody who has it',
  failed: ', failed: it is not what its message says',
};

/** What is attached to a message, in a line for people: `[0] photo.png (image/png, 34 KiB)`. */
export function attachmentLine({ index, name, type, size, state, error }: Attached): string {
  const words = error ? `, ${safeText(error.message)}` : (STATES[String(state)] ?? '');
  return `[${index}] ${safeText(name)} (${safeText(type)}, ${sizeText(size)}${words})`;
}
