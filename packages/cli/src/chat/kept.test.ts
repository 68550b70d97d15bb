import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepMuted, readMuted } from './kept.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'parley-kept-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('what is muted', () => {
  it('is nothing at first, and then what was kept last, for its user alone', async () => {
    expect(await readMuted(directory)).toEqual([]);
    await keepMuted(directory, ['a', 'b']);
    await keepMuted(directory, ['b']);
    expect(await readMuted(directory)).toEqual(['b']);
    expect(await readdir(directory)).toEqual(['chat.json']);
    expect((await stat(join(directory, 'chat.json'))).mode & 0o777).toBe(0o600);
  });

  it.each(['', '[]', 'null', '{"muted":1}'])('is not read from a file that is %j, which is said', async (content) => {
    await writeFile(join(directory, 'chat.json'), content);
    await expect(readMuted(directory)).rejects.toMatchObject({ code: 'corrupt', message: expect.stringContaining('chat.json') });
  });
});
