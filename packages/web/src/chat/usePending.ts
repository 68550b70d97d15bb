import type { NewAttachment, NewFile } from '@parley/core';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useApp } from '../app/hooks.ts';
import { attempt } from '../state/context.ts';

/** A file that goes with the next message. */
export interface PendingFile {
  readonly id: string;
  readonly name: string;
  readonly size: number;
  /** What goes with the message; while it is missing the file is being read. */
  readonly attachment?: NewAttachment | NewFile;
  /** The share of it that was read. */
  readonly share?: number;
  /** The page that gave it ended too soon: it has to be chosen again. */
  readonly lost?: boolean;
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

/** Files that the user chose, dropped or pasted. */
export function usePending(channelId: string): Pending {
  const context = useApp();
  const [files, setFiles] = useState<readonly PendingFile[]>([]);
  const current = useRef(files);
  current.current = files;
  const add = useCallback(
    (more: Iterable<File>) => {
      const chosen = [...more];
      void attempt(context, async () => (await import('./choosing.ts')).choose(context, channelId, chosen, current.current, setFiles));
    },
    [context, channelId],
  );
  const remove = useCallback(
    (file: PendingFile) => {
      setFiles((before) => before.filter(({ id }) => id !== file.id));
      void attempt(context, async () => (await import('./choosing.ts')).undo(context, file));
    },
    [context],
  );
  const clear = useCallback(() => setFiles([]), []);
  useEffect(() => {
    const { node } = context.parley;
    let over = false;
    // What an earlier page has left, and what became of it since. Those that were chosen in this page are told of by themselves.
    const renew = async (only?: string): Promise<void> => {
      const kept = await node.drafts(channelId);
      if (over) return;
      const fresh = kept.map(({ id, name, size, attachment, reading }): PendingFile => {
        return { id, name, size, ...(attachment ? { attachment } : reading ? {} : { lost: true }) };
      });
      setFiles((before) =>
        only === undefined
          ? [...fresh.filter(({ id }) => !before.some((known) => known.id === id)), ...before]
          : before.map((known) => (known.id === only && !known.attachment ? (fresh.find(({ id }) => id === only) ?? known) : known)),
      );
    };
    const ended = node.subscribe((event) => {
      if (event.event === 'draft' && event.channel_id === channelId) void attempt(context, () => renew(event.id));
      if (event.event === 'reading')
        setFiles((before) => before.map((known) => (known.id === event.path ? { ...known, share: event.have / event.size } : known)));
    });
    renew().catch(() => {
      // The page says by itself that the node is not there.
    });
    return () => {
      over = true;
      ended();
    };
  }, [context, channelId]);
  const copying = files.some(({ attachment, lost, share = 0 }) => !attachment && !lost && share < 0.5);
  useEffect(() => {
    if (!copying) return;
    // What is not copied yet is in this page alone.
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [copying]);
  const attachments = files.flatMap(({ attachment }) => attachment ?? []);
  return { files, attachments: attachments.length === files.length ? attachments : undefined, add, remove, clear };
}
