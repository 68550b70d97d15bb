import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pathGiven, pathsBeginning } from './paths.ts';

describe('a path that was written', () => {
  it.each([
    ['plan.png', resolve('plan.png')],
    ['../plan.png', resolve('../plan.png')],
    ['/tmp/a plan.png', '/tmp/a plan.png'],
    ['/tmp/a\\ plan.png', '/tmp/a plan.png'],
    ["'/tmp/a \\plan.png'", '/tmp/a \\plan.png'],
    ['"/tmp/a plan.png"', '/tmp/a plan.png'],
    ['~', homedir()],
    ['~/plan.png', join(homedir(), 'plan.png')],
    ['~other', resolve('~other')],
    ['/tmp/folder/', '/tmp/folder/'],
    ['/', '/'],
  ])('%s is %s', (written, path) => {
    expect(pathGiven(written)).toBe(path);
  });
});

describe('paths that begin as one was written', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'parley-paths-'));
    await mkdir(join(directory, 'photos'));
    for (const name of ['plan b.txt', 'plan\\c', '.hidden', 'bad\u001bname']) await writeFile(join(directory, name), '');
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it.each([
    ['', ['photos/', 'plan b.txt', 'plan\\\\c']],
    ['pl', ['plan b.txt', 'plan\\\\c']],
    ['plan\\ b', ['plan b.txt']],
    ['.', ['.hidden']],
    ['nothing', []],
    ['none/x', []],
  ])('of %j', (written, names) => {
    expect(pathsBeginning(`${directory}/${written}`)).toEqual(names.map((name) => `${directory}/${name}`));
  });
});
