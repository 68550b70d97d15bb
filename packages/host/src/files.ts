import { constants, type FileHandle, mkdir, open, readdir, stat, statfs, unlink } from 'node:fs/promises';
import { basename, isAbsolute, join } from 'node:path';
import { type Files, type OpenFile, type OutsideFile, ParleyError } from '@parley/core';
import { storageError, systemCode } from './data/write-safely.ts';

const NAME = /^[a-z0-9][a-z0-9.-]{0,100}$/;

async function attempt<T>(what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw storageError(error, what);
  }
}

async function readAll(file: FileHandle, at: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let filled = 0; filled < length; ) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, at + filled);
    if (bytesRead === 0) return bytes.subarray(0, filled);
    filled += bytesRead;
  }
  return bytes;
}

async function writeAll(file: FileHandle, at: number, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += (await file.write(bytes, written, bytes.length - written, at + written)).bytesWritten;
  }
}

function handle(file: FileHandle, path: string): OpenFile {
  return {
    size: () => attempt(`look at ${path}`, async () => (await file.stat()).size),
    read: (at, length) => attempt(`read ${path}`, () => readAll(file, at, length)),
    write: (at, bytes) => attempt(`write ${path}`, () => writeAll(file, at, bytes)),
    sync: () => attempt(`write ${path}`, () => file.datasync()),
    close: () => attempt(`close ${path}`, () => file.close()),
  };
}

/** Files in a folder of their own, which is made when it is needed; each can be read by its owner alone (mode 0600). */
export function createFiles(folder: string): Files {
  const pathOf = (name: string): string => {
    if (!NAME.test(name)) throw new ParleyError('bad-argument', `not a name of a file: ${name}`);
    return join(folder, name);
  };
  return {
    create: async (name) => {
      const path = pathOf(name);
      await attempt(`make ${folder}`, () => mkdir(folder, { recursive: true, mode: 0o700 }));
      try {
        return handle(await open(path, 'wx+', 0o600), path);
      } catch (error) {
        if (systemCode(error) === 'EEXIST') throw new ParleyError('conflict', `${path} is there already`, { cause: error });
        throw storageError(error, `make ${path}`);
      }
    },
    open: async (name) => {
      const path = pathOf(name);
      try {
        return handle(await open(path, 'r+'), path);
      } catch (error) {
        if (systemCode(error) === 'ENOENT') throw new ParleyError('not-found', `there is no file ${path}`, { cause: error });
        throw storageError(error, `open ${path}`);
      }
    },
    remove: async (name) => {
      const path = pathOf(name);
      try {
        await unlink(path);
      } catch (error) {
        if (systemCode(error) !== 'ENOENT') throw storageError(error, `remove ${path}`);
      }
    },
    list: async () => {
      try {
        const names = (await readdir(folder)).filter((name) => NAME.test(name));
        return await Promise.all(names.map(async (name) => ({ name, size: (await stat(join(folder, name))).size })));
      } catch (error) {
        if (systemCode(error) === 'ENOENT') return [];
        throw storageError(error, `list ${folder}`);
      }
    },
    free: () =>
      attempt(`look at ${folder}`, async () => {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const { bavail, bsize } = await statfs(folder);
        return bavail * bsize;
      }),
    outside: openOutside,
  };
}

async function openOutside(path: string): Promise<OutsideFile> {
  if (!isAbsolute(path)) throw new ParleyError('bad-argument', `not an absolute path: ${path}`);
  let file: FileHandle;
  try {
    // A pipe would be waited for until somebody writes to it.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') throw new ParleyError('not-found', `there is no file ${path}`, { cause: error });
    throw storageError(error, `read ${path}`);
  }
  try {
    const about = await file.stat();
    const { size, mtimeMs, ino } = about;
    if (!about.isFile()) throw new ParleyError('bad-argument', `${path} is no file`);
    const { read, close } = handle(file, path);
    return { name: basename(path), size, stamp: `${ino}-${mtimeMs}`, read, close };
  } catch (error) {
    await file.close();
    throw storageError(error, `read ${path}`);
  }
}
