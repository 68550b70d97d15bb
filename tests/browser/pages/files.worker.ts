import { OpfsFiles } from '@parley/browser';
import { type OpenFile, type OutsideFile, ParleyError } from '@parley/core';

/** What a test asks: of the files of a folder, or of a file that it has open. */
export interface FilesRequest {
  readonly id: number;
  readonly folder: string;
  /** Of an open file, as the answer to `create`, `open` or `outside` called it. */
  readonly on?: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

export interface FilesAnswer {
  readonly id: number;
  readonly value?: unknown;
  readonly handle?: number;
  readonly error?: { readonly code: string; readonly message: string };
}

const folders = new Map<string, Promise<OpfsFiles | undefined>>();
const open: (OpenFile | OutsideFile)[] = [];

async function answer({ folder, on, method, args }: FilesRequest): Promise<Omit<FilesAnswer, 'id'>> {
  const opened = folders.get(folder) ?? OpfsFiles.in(folder);
  folders.set(folder, opened);
  const files = await opened;
  if (!files) throw new ParleyError('unsupported', 'no private files here');
  const target: object = on === undefined ? files : (open[on] as object);
  if (method === 'copy') {
    await files.copy(args[0] as string, args[1] as Blob, { signal: new AbortController().signal, progress: () => {} });
    return {};
  }
  if (method === 'keepOnly') return { value: await files.copies.keepOnly(args[0] as string[]) };
  const run = (target as Record<string, (...given: readonly unknown[]) => Promise<unknown>>)[method];
  const value = await run?.apply(target, [...args]);
  if (on !== undefined || !['create', 'open', 'outside'].includes(method)) return { value };
  const file = value as OutsideFile;
  return {
    handle: open.push(file) - 1,
    value: { name: file.name, size: typeof file.size === 'number' ? file.size : 0, stamp: file.stamp },
  };
}

const scope = globalThis as unknown as {
  onmessage: ((event: MessageEvent<FilesRequest>) => void) | null;
  postMessage(answer: FilesAnswer): void;
};
scope.onmessage = ({ data }) => {
  void answer(data).then(
    (outcome) => scope.postMessage({ id: data.id, ...outcome }),
    (thrown: unknown) => {
      const { code, message } = ParleyError.from(thrown);
      scope.postMessage({ id: data.id, error: { code, message } });
    },
  );
};
