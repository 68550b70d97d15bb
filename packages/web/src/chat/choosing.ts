import { errorCode, type NewAttachment, type NewFile } from '@parley/core';
import { attempt, type Context, notify, wordsOf } from '../state/context.ts';
import type { PendingFile } from './usePending.ts';

/** What a message carries inside, all its attachments together (WIRE); what is larger is read first, and fetched by itself. */
const MAX_BYTES = 256 * 1024;
const MAX_FILES = 16;

type Change = (how: (files: readonly PendingFile[]) => readonly PendingFile[]) => void;

/** Resolves with what the message is to name. A large file is the node's from then on. */
async function read({ parley }: Context, channelId: string, id: string, file: File, inside: boolean): Promise<NewAttachment | NewFile> {
  const about = { name: file.name, type: file.type.split(';', 1)[0] || 'application/octet-stream' };
  if (inside) return { ...about, bytes: new Uint8Array(await file.arrayBuffer()) };
  return { ...(await parley.node.offerFile(channelId, id, file)), ...about };
}

/** Reads files that were chosen for a message which has some already; what is too much is refused in words. */
export function choose(context: Context, channelId: string, chosen: readonly File[], known: readonly PendingFile[], change: Change): void {
  // Of those that were cut off, what is chosen again takes the place.
  const again = known.filter(({ lost, name, size }) => lost && chosen.some((file) => file.name === name && file.size === size));
  const before = known.filter((file) => !again.includes(file));
  if (again.length > 0) change((files) => files.filter(({ id }) => !again.some((file) => file.id === id)));
  for (const file of again) void attempt(context, () => undo(context, file));
  if (before.length + chosen.length > MAX_FILES) {
    notify(context, 'error', `A message takes at most ${MAX_FILES} files.`);
    return;
  }
  let room = MAX_BYTES;
  for (const { attachment } of before) if (attachment && 'bytes' in attachment) room -= attachment.bytes.length;
  for (const file of chosen) {
    const inside = file.size <= room;
    if (inside) room -= file.size;
    const about: PendingFile = { id: crypto.randomUUID(), name: file.name, size: file.size };
    const set = (more: Partial<PendingFile>): void =>
      change((files) => files.map((each) => (each.id === about.id ? { ...each, ...more } : each)));
    // It can be left out while it is read.
    change((files) => [...files, about]);
    void read(context, channelId, about.id, file, inside).then(
      (attachment) => {
        set({ attachment });
        // What is small is kept for a page that comes later; this one need not wait for that.
        if (inside) void attempt(context, () => context.parley.node.keepDraft(channelId, { ...about, type: attachment.type, attachment }));
      },
      (error: unknown) => {
        change((files) => files.filter(({ id }) => id !== about.id));
        if (errorCode(error) !== 'aborted') notify(context, 'error', `${file.name}: ${wordsOf(error)}`);
      },
    );
  }
}

/** A file is not to be sent after all. */
export async function undo({ parley }: Context, { id }: PendingFile): Promise<void> {
  await parley.node.discardDraft(id);
}
