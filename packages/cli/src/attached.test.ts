import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePath, save } from './attached.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'parley-attached-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function* pieces(...texts: string[]) {
  for (const text of texts) yield Buffer.from(text);
}
const told = (): void => {};

describe('where a file is saved', () => {
  it.each([
    ['../../etc/passwd', '_.._etc_passwd'],
    ['/etc/passwd', '_etc_passwd'],
    ['a\u001b[2Jb\n.png', 'a_[2Jb_.png'],
    ['..', 'file'],
  ])('under the name %j that its sender chose is inside the directory', (name, safe) => {
    expect(freePath(directory, name)).toBe(join(directory, safe));
  });

  it('is what the user says, whatever it is called', () => {
    expect(freePath(join(directory, 'other.txt'), '../x')).toBe(join(directory, 'other.txt'));
  });

  it('is nowhere where something is already, even a link that leads nowhere', async () => {
    await writeFile(join(directory, 'a.txt'), 'mine');
    await symlink(join(directory, 'nothing'), join(directory, 'b.txt'));
    expect(() => freePath(directory, 'a.txt')).toThrow(/is there already: give another name$/);
    expect(() => freePath(directory, 'b.txt')).toThrow(/is there already: give another name$/);
  });
});

describe('a directory that is none', () => {
  it('is not taken for the name of a file', () => {
    expect(() => freePath(join(directory, 'no/'), 'a.txt')).toThrow(/^there is no directory .*no\/$/);
    expect(() => freePath(join(directory, 'no', 'a.txt'), 'a.txt')).toThrow(/^there is no directory for .*a\.txt$/);
  });
});

describe('saving a file', () => {
  it('writes what is not there, and never over what came to be there meanwhile', async () => {
    const path = join(directory, 'a.txt');
    const done: number[] = [];
    expect(await save(path, pieces('one', 'two'), { told: (bytes) => done.push(bytes) })).toBe(6);
    expect([await readFile(path, 'utf8'), done]).toEqual(['onetwo', [3, 6]]);
    await expect(save(path, pieces('three'), { told })).rejects.toMatchObject({ code: 'conflict' });
    expect(await readFile(path, 'utf8')).toBe('onetwo');
  });

  it('leaves nothing of one that is given up half way', async () => {
    const end = new AbortController();
    const path = join(directory, 'a.txt');
    await expect(save(path, pieces('one', 'two'), { signal: end.signal, told: () => end.abort() })).rejects.toMatchObject({
      code: 'aborted',
    });
    expect(await readdir(directory)).toEqual([]);
  });

  it('says where there is no directory', async () => {
    await expect(save(join(directory, 'no', 'a.txt'), pieces(), { told })).rejects.toMatchObject({
      message: expect.stringContaining('no directory'),
    });
  });
});
