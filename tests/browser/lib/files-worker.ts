import { type Files, type OpenFile, type OutsideFile, ParleyError } from '@parley/core';
import type { FilesAnswer, FilesRequest } from '../pages/files.worker.ts';

/** A worker with files, as a page asks for them: the browser writes in place in workers alone. */
export class FilesWorker {
  readonly #worker = new Worker(new URL('../pages/files.worker.ts', import.meta.url), { type: 'module' });
  readonly #waiting = new Map<number, (answer: FilesAnswer) => void>();
  #count = 0;

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<FilesAnswer>) => {
      this.#waiting.get(data.id)?.(data);
      this.#waiting.delete(data.id);
    };
  }

  async ask(request: Omit<FilesRequest, 'id'>): Promise<FilesAnswer> {
    const id = this.#count++;
    const answered = new Promise<FilesAnswer>((resolve) => this.#waiting.set(id, resolve));
    this.#worker.postMessage({ id, ...request } satisfies FilesRequest);
    const answer = await answered;
    if (answer.error) throw new ParleyError(answer.error.code as 'storage', answer.error.message);
    return answer;
  }

  files(folder: string): Files {
    const call = async (method: string, ...args: readonly unknown[]) => (await this.ask({ folder, method, args })).value;
    const on =
      (handle: number | undefined) =>
      async (method: string, ...args: readonly unknown[]) =>
        (await this.ask({ folder, on: handle ?? -1, method, args })).value;
    const opened = async (method: string, name: string): Promise<OpenFile> => {
      const ask = on((await this.ask({ folder, method, args: [name] })).handle);
      return {
        size: () => ask('size') as Promise<number>,
        read: (at, length) => ask('read', at, length) as Promise<Uint8Array>,
        write: (at, bytes) => ask('write', at, bytes) as Promise<void>,
        sync: () => ask('sync') as Promise<void>,
        close: () => ask('close') as Promise<void>,
      };
    };
    return {
      create: (name) => opened('create', name),
      open: (name) => opened('open', name),
      remove: (name) => call('remove', name) as Promise<void>,
      list: () => call('list') as ReturnType<Files['list']>,
      free: () => call('free') as Promise<number>,
      outside: async (path) => {
        const { handle, value } = await this.ask({ folder, method: 'outside', args: [path] });
        const ask = on(handle);
        return {
          ...(value as Pick<OutsideFile, 'name' | 'size' | 'stamp'>),
          read: (at, length) => ask('read', at, length) as Promise<Uint8Array>,
          close: () => ask('close') as Promise<void>,
        };
      },
    };
  }
}
