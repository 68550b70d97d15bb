import { errorCode, type NewAttachment, type NewFile } from '@parley/core';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useApp } from '../app/hooks.ts';
import { type Context, notify, wordsOf } from '../state/context.ts';

/** What a message carries inside, all its attachments together (WIRE); what is larger is read first, and fetched by itself. */
const MAX_BYTES = 256 * 1024;
const MAX_FILES = 16;

/** A file that goes with the next message. */
export interface PendingFile {
  readonly id: string;
  readonly name: string;
  readonly size: number;
  /** What goes with the message; while it is missing the file is being read. */
  readonly attachment?: NewAttachment | NewFile;
  /** The share of it that was read. */
  readonly share?: number;
}

/** Files that go with the next message of a channel. */
export interface Pending {
  readonly files: readonly PendingFile[];
  /** What the message names; undefined while a file is still being read. */
  readonly attachments: readonly (NewAttachment | NewFile)[] | undefined;
  readonly add: (files: Iterable<File>) => void;
  readonly remove: (file: PendingFile) => void;
  readonly clear: () => void;
}

const typeOf = (file: File): string => file.type.split(';', 1)[0] || 'application/octet-stream';

async function read({ parley }: Context, channelId: string, id: string, file: File, inside: boolean): Promise<NewAttachment | NewFile> {
  const about = { name: file.name, type: typeOf(file) };
  if (inside) return { ...about, bytes: new Uint8Array(await file.arrayBuffer()) };
  return { ...(await parley.node.offerFile(channelId, id, file)), ...about };
}

/** Reads files that the user chose, dropped or pasted; what is too much is refused in words. */
export function usePending(channelId: string): Pending {
  const context = useApp();
  const [files, setFiles] = useState<readonly PendingFile[]>([]);
  const current = useRef(files);
  current.current = files;
  const change = useCallback(
    (id: string, how: Partial<PendingFile>) => setFiles((before) => before.map((each) => (each.id === id ? { ...each, ...how } : each))),
    [],
  );
  const add = useCallback(
    (more: Iterable<File>) => {
      const chosen = [...more];
      if (current.current.length + chosen.length > MAX_FILES) {
        notify(context, 'error', `A message takes at most ${MAX_FILES} files.`);
        return;
      }
      let room = MAX_BYTES;
      for (const { attachment } of current.current) if (attachment && 'bytes' in attachment) room -= attachment.bytes.length;
      for (const file of chosen) {
        const id = crypto.randomUUID();
        const inside = file.size <= room;
        if (inside) room -= file.size;
        const about = { id, name: file.name, size: file.size };
        // What is small is there at once; what is large can be left out while it is read.
        if (!inside) setFiles((before) => [...before, about]);
        read(context, channelId, id, file, inside).then(
          (attachment) => (inside ? setFiles((before) => [...before, { ...about, attachment }]) : change(id, { attachment })),
          (error: unknown) => {
            setFiles((before) => before.filter((each) => each.id !== id));
            if (errorCode(error) !== 'aborted') notify(context, 'error', `${file.name}: ${wordsOf(error)}`);
          },
        );
      }
    },
    [context, channelId, change],
  );
  const remove = useCallback(
    ({ id, attachment }: PendingFile) => {
      setFiles((before) => before.filter((each) => each.id !== id));
      const { node } = context.parley;
      const undone = attachment && 'root' in attachment ? node.removeFile(attachment.root) : node.cancelOffer(id);
      undone.catch(() => {
        // It was not there.
      });
    },
    [context],
  );
  const clear = useCallback(() => setFiles([]), []);
  useEffect(
    () =>
      context.parley.node.subscribe((event) => {
        if (event.event === 'reading') change(event.path, { share: event.size === 0 ? 1 : event.have / event.size });
      }),
    [context, change],
  );
  const waiting = files.length > 0;
  useEffect(() => {
    if (!waiting) return;
    // What was chosen is in this page alone.
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [waiting]);
  const attachments = files.flatMap(({ attachment }) => attachment ?? []);
  return { files, attachments: attachments.length === files.length ? attachments : undefined, add, remove, clear };
}
