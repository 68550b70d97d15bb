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
