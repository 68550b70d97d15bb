import { sizeText } from '@parley/core';
import type { ApiClient } from '@parley/host';
import { backwards, type FileNode, fetchAttached, findAttached, freePath, save } from '../attached.ts';
import { type Attached, attachmentWords } from '../format/attachments.ts';
import { safeText } from '../text/safe-text.ts';
import type { Action, Effect, ListedFile, PanelLine } from './state.ts';

/** What the chat needs to send, list and save files. */
export interface Files {
  /** The chat's node, whose requests are given up when the chat ends: large files take long. */
  readonly files: FileNode & Pick<ApiClient, 'send' | 'removeFile'>;
  /** The chat ends. */
  readonly signal: AbortSignal;
  /** The user gives up what they asked for. */
  readonly cancelled: AbortSignal;
}

const MOST_LISTED = 50;
/** So often at most is it said how far a file is. */
const PROGRESS_MS = 200;
const PROGRESS_STAYS_MS = 60_000;
const SAVED_STAYS_MS = 20_000;

/** What is attached to the messages of a channel, the latest first. */
export async function listFiles({ files }: Files, channelId: string): Promise<ListedFile[]> {
  const listed: ListedFile[] = [];
  for await (const { cursor, sender, attachments = [] } of backwards(files, channelId)) {
    for (const attached of attachments) listed.push({ msgId: cursor, sender, attached });
    if (listed.length >= MOST_LISTED) break;
  }
  return listed.slice(0, MOST_LISTED);
}

export function fileLines(listed: readonly ListedFile[], directory: string): PanelLine[] {
  if (listed.length === 0) return [{ text: 'Nothing is attached to the messages here. /file PATH sends a file.', tone: 'faint' }];
  const width = String(listed.length).length;
  return [
    ...listed.map(({ sender, attached }, at): PanelLine => {
      const number = String(at + 1).padStart(width);
      return { text: `${number}  ${safeText(sender.display)}  ${attachmentWords(attached)}`, hang: width + 2 };
    }),
    { text: '' },
    { text: `/save N saves one in ${safeText(directory)}, /save N PATH elsewhere; nothing is overwritten`, tone: 'faint' },
  ];
}

/**
 * Fetches what is attached to a message, if it is not here, and saves it, unless the user gives that up. Errors: those of the node and of the disk,
 * `conflict`, `aborted`.
 */
export async function saveFile(means: Files, effect: Effect & { do: 'save' }, tell: (action: Action) => void): Promise<void> {
  const { files, signal, cancelled } = means;
  const attached = await findAttached(files, effect);
  const path = freePath(effect.to, attached.name);
  try {
    const saved = await fetchAndSave({ ...means, signal: AbortSignal.any([signal, cancelled]) }, effect, { attached, path }, tell);
    tell({ type: 'notice', text: saved, tone: 'info', forMs: SAVED_STAYS_MS });
    // A notice goes, and is cut where the line ends: whoever looks for the file later finds this.
    tell({ type: 'note', channelId: effect.channelId, text: saved });
  } catch (error) {
    if (!cancelled.aborted || signal.aborted) throw error;
    // The node would go on with it by itself.
    const { state, root } = await findAttached(files, effect);
    if (state !== 'here' && root !== undefined) await files.removeFile(root);
    tell({ type: 'notice', text: `${safeText(attached.name)}: given up`, tone: 'info' });
  }
}

/** Resolves with what came of it, in words. */
async function fetchAndSave(
  { files, signal }: Pick<Files, 'files' | 'signal'>,
  which: Effect & { do: 'save' },
  { attached, path }: { readonly attached: Attached; readonly path: string },
  tell: (action: Action) => void,
): Promise<string> {
  const name = safeText(attached.name);
  let told = Number.NEGATIVE_INFINITY;
  const progress = (words: string): void => {
    const now = performance.now();
    if (now - told < PROGRESS_MS) return;
    told = now;
    tell({ type: 'notice', text: `${words}; /cancel gives it up`, tone: 'info', forMs: PROGRESS_STAYS_MS });
  };
  const far = (have: number): string => `${sizeText(have)} of ${sizeText(attached.size)}, ${share(have, attached.size)}`;
  if (attached.state !== 'here') {
    progress(`${name} is asked for`);
    await fetchAttached(files, which, attached, {
      signal,
      told: ({ state, have = 0 }) =>
        progress(`fetching ${name}: ${far(have)}${state === 'waiting' ? ', waiting for somebody who has it' : ''}`),
    });
  }
  const pieces = await files.attachment(which.channelId, which.msgId, which.index);
  const bytes = await save(path, pieces, { signal, told: (done) => progress(`saving ${name}: ${far(done)}`) });
  return `saved ${safeText(path)} (${sizeText(bytes)})`;
}

const share = (have: number, size: number): string => `${size === 0 ? 100 : Math.floor((100 * have) / size)} %`;
