import { mkdir, mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFiles } from '@parley/host';
import { expect, it } from 'vitest';
import { filesContract } from './lib/files-contract.ts';

const temporary = (): Promise<string> => mkdtemp(join(tmpdir(), 'parley-files-'));

filesContract('a folder', async () => {
  const directory = await temporary();
  let placed = 0;
  return {
    open: () => createFiles(join(directory, 'files')),
    place: async (bytes) => {
      const path = join(directory, 'film');
      await writeFile(path, bytes);
      // Two changes within one tick of the file system's clock would look like none.
      placed++;
      await utimes(path, placed, placed);
      return path;
    },
    nowhere: join(directory, 'nothing'),
    teardown: () => rm(directory, { recursive: true, force: true }),
  };
});

it('files of a node can be read by its owner alone, and have no other names than are meant for them', async () => {
  const directory = await temporary();
  const files = createFiles(join(directory, 'files'));
  await (await files.create('a')).close();
  expect((await stat(join(directory, 'files', 'a'))).mode & 0o777).toBe(0o600);
  expect((await stat(join(directory, 'files'))).mode & 0o777).toBe(0o700);
  for (const name of ['../a', 'a/b', '', '.a', 'A']) await expect(files.create(name)).rejects.toMatchObject({ code: 'bad-argument' });
  await mkdir(join(directory, 'folder'));
  for (const path of [join(directory, 'folder'), 'relative'])
    await expect(files.outside(path)).rejects.toMatchObject({ code: 'bad-argument' });
  await rm(directory, { recursive: true, force: true });
});
