import { type ExportFormat, exported, wholeHistory } from '@parley/core';
import type { Context } from '../state/context.ts';
import { lifetimeWords } from '../state/words.ts';
import { fileName, saveAs } from '../ui/save-as.ts';
import { fullTime } from '../ui/time.ts';
import { inert } from './plain.ts';

const TYPES: Readonly<Record<ExportFormat, readonly [ending: string, type: string]>> = {
  text: ['txt', 'text/plain;charset=utf-8'],
  html: ['html', 'text/html;charset=utf-8'],
  json: ['json', 'application/json'],
};
/** Pieces that are put into one part: the browser keeps the parts, on disk where they are many. */
const PIECES = 2000;

const WORDS = {
  safe: (text: string, { lines = false }: { lines?: boolean } = {}): string =>
    lines ? inert(text) : inert(text).replace(/\s*\n\s*/g, ' '),
  time: fullTime,
  lasts: lifetimeWords,
};

/** Has the browser save all that is kept here of a channel. Errors: those of the store. */
export async function saveChannel({ parley, store }: Context, channelId: string, format: ExportFormat): Promise<void> {
  const channel = store.get().channels?.find(({ id }) => id === channelId);
  if (!channel) return;
  const [ending, type] = TYPES[format];
  const parts: Blob[] = [];
  let pieces: string[] = [];
  const flush = (): void => {
    parts.push(new Blob(pieces));
    pieces = [];
  };
  const messages = wholeHistory((id, page) => parley.node.messages(id, page), channel);
  const changes = await parley.node.changes(channelId);
  for await (const piece of exported(format, { channel, messages, changes }, WORDS)) if (pieces.push(piece) >= PIECES) flush();
  flush();
  saveAs(new Blob(parts, { type }), `${fileName(channel.name, 'channel')}.${ending}`);
}
