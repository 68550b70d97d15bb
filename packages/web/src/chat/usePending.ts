import type { NewAttachment } from '@parley/core';
import { useCallback, useState } from 'react';
import { useApp } from '../app/hooks.ts';
import { notify } from '../state/context.ts';
import { bytesWords } from '../state/words.ts';

/** What a message carries at most, all its attachments together (WIRE; larger files need the command line). */
const MAX_BYTES = 256 * 1024;
const MAX_FILES = 16;

/** Files that go with the next message of a channel. */
export interface Pending {
  readonly files: readonly NewAttachment[];
  readonly add: (files: Iterable<File>) => void;
  readonly remove: (file: NewAttachment) => void;
  readonly clear: () => void;
}

/** Reads files that the user chose, dropped or pasted; what is too much is refused in words, and nothing of it is taken. */
export function usePending(): Pending {
  const context = useApp();
  const [files, setFiles] = useState<readonly NewAttachment[]>([]);
  const add = useCallback(
    (more: Iterable<File>) => {
      void Promise.all(
        [...more].map(async (file) => ({
          name: file.name,
          type: file.type || 'application/octet-stream',
          bytes: new Uint8Array(await file.arrayBuffer()),
        })),
      ).then(
        (read) =>
          setFiles((before) => {
            const all = [...before, ...read];
            const size = all.reduce((sum, { bytes }) => sum + bytes.length, 0);
            if (size <= MAX_BYTES && all.length <= MAX_FILES) return all;
            const limit = all.length > MAX_FILES ? `${MAX_FILES} files` : `${bytesWords(MAX_BYTES)} of files`;
            notify(context, 'error', `A message takes at most ${limit} in a browser. For larger ones use parley send --file.`);
            return before;
          }),
        () => notify(context, 'error', 'The file could not be read.'),
      );
    },
    [context],
  );
  const remove = useCallback((file: NewAttachment) => setFiles((before) => before.filter((each) => each !== file)), []);
  const clear = useCallback(() => setFiles([]), []);
  return { files, add, remove, clear };
}
