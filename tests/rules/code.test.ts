import { describe, expect, it } from 'vitest';
import { noAmbient } from './lib/ambient.ts';
import { layersOfCore, packageDirections } from './lib/directions.ts';
import { noEscapes } from './lib/escapes.ts';
import { isCode, isTypeScript, projectFiles, violations } from './lib/repository.ts';
import { LIMIT_LINES, LONG_LINES, lineCount, notTooLong } from './lib/texts.ts';

const core = (path: string, ...lines: string[]) => ({ path: `packages/core/src/${path}`, text: lines.join('\n') });
const isPackageCode = (path: string) => path.startsWith('packages/') && isTypeScript(path);

describe('layers of core', () => {
  it.each([
    ['a layer above', core('wire/frame.ts', "import { Link } from '../link/link.ts';")],
    ['a type of a layer above', core('wire/frame.ts', "import type { Link } from '../link/link.ts';")],
    ['a type by import()', core('ports/clock.ts', "export type N = import('../overlay/index.ts').Overlay;")],
    ['a re-export', core('identity/index.ts', "export * from '../wire/index.ts';")],
    ['a dynamic import', core('util/lazy.ts', "export const later = () => import('../features/channels/index.ts');")],
    ['another feature', core('features/channels/service.ts', "import { x } from '../messages/index.ts';")],
    ['the way in from outside', core('overlay/flood.ts', "import { createNode } from '../index.ts';")],
    ['the node', core('features/channels/service.ts', "import { createNode } from '../../node.ts';")],
    ['a folder that is no layer', core('misc/thing.ts', 'export const a = 1;')],
  ])('refuses %s', (_, file) => {
    expect(layersOfCore(file)).toHaveLength(1);
  });

  it.each([
    ['what lies below', core('overlay/flood.ts', "import { a } from '../link/a.ts';", "import { b } from '../util/index.ts';")],
    ['its own layer', core('util/scope.ts', "import type { Clock } from '../ports/clock.ts';")],
    ['its own feature', core('features/channels/service.ts', "import { a } from './state.ts';", "import { b } from '../../overlay/b.ts';")],
    ['every feature from the node', core('node.ts', "import { a } from './features/channels/index.ts';")],
    ['anything from a test', core('util/scope.test.ts', "import { a } from '../features/channels/index.ts';")],
    [
      'a comment that looks like an import',
      core('wire/frame.ts', "// import { Link } from '../link/link.ts';", 'const s = "import \'../node.ts\'";'),
    ],
  ])('allows %s', (_, file) => {
    expect(layersOfCore(file)).toEqual([]);
  });

  it('hold in the project', () => {
    expect(violations(layersOfCore, isPackageCode)).toEqual([]);
  });
});

describe('directions between packages', () => {
  const inPackage = (name: string, line: string) => ({ path: `packages/${name}/src/a.ts`, text: line });

  it.each([
    ['Node.js in core', inPackage('core', "import { readFile } from 'node:fs/promises';")],
    ['Node.js without its prefix in core', inPackage('core', "import { join } from 'path';")],
    ['a package from core', inPackage('core', "import { a } from '@parley/host';")],
    ['the host from the simulator', inPackage('sim', "import { a } from '@parley/host';")],
    ['the simulator from the host', inPackage('host', "import { a } from '@parley/sim';")],
    ['the command from the host', inPackage('host', "import { a } from '@parley/cli';")],
    ['another package by a path', inPackage('host', "import { a } from '../../core/src/index.ts';")],
    ['the inside of a package', inPackage('host', "import { a } from '@parley/core/src/util/index.ts';")],
    ['a package that nobody placed', inPackage('other', "import { a } from '@parley/core';")],
  ])('refuse %s', (_, file) => {
    expect(packageDirections(file)).toHaveLength(1);
  });

  it('allow what lies below', () => {
    expect(
      packageDirections(inPackage('cli', "import { a } from '@parley/host'; import { b } from '@parley/core'; import 'node:fs';")),
    ).toEqual([]);
  });

  it('hold in the project', () => {
    expect(violations(packageDirections, isPackageCode)).toEqual([]);
  });
});

describe('no ambient time, randomness, timers or input in core', () => {
  it.each([
    ['Date.now', 'export const a = Date.now();'],
    ['new Date of now', 'export const a = new Date();'],
    ['Date called', 'export const a = Date();'],
    ['Date handed around', 'export const a = { clock: Date };'],
    ['the local time zone', 'export const a = (when: Date) => when.getHours();'],
    ['the local language', 'export const a = (b: string, c: string) => b.localeCompare(c);'],
    ['Math.random', 'export const a = Math.random();'],
    ['Math.random by destructuring', 'const { random } = Math; random();'],
    ['setTimeout', 'setTimeout(() => {}, 1);'],
    ['queueMicrotask handed around', 'export const later = queueMicrotask;'],
    ['fetch', "await fetch('https://localhost');"],
    ['process', 'export const env = process.env;'],
    ['Buffer', 'export const a = Buffer.alloc(1);'],
    ['globalThis', "export const a = globalThis['Date'];"],
    ['crypto outside of where it is a parameter', 'export const f = (crypto: C) => crypto.sha256; export const g = () => crypto.subtle;'],
    ['a shorthand property', 'export const platform = { performance };'],
  ])('refuses %s', (_, text) => {
    expect(noAmbient(core('util/a.ts', text))).toHaveLength(1);
  });

  it.each([
    ['other functions of Math', 'export const a = Math.max(1, 2);'],
    ['turning times into text and back', 'export const a = (t: string): Date => new Date(Date.parse(t) + Date.UTC(1970, 0));'],
    ['members with such names', 'export const a = (ports: P) => ports.crypto.sha256(ports.clock.process(ports.console));'],
    ['parameters with such names', 'export function a({ crypto, fetch: get }: P, process: T) { return crypto(process, get); }'],
    ['parameters in types', 'export type F = (performance: number) => void;'],
    ['variables with such names', 'export const a = () => { const process = 1; return () => process; };'],
    ['words in comments and strings', "// Date.now\nexport const a = 'Math.random';"],
  ])('allows %s', (_, text) => {
    expect(noAmbient(core('util/a.ts', text))).toEqual([]);
  });

  it('is for core alone, without its tests', () => {
    expect(noAmbient({ path: 'packages/host/src/clock.ts', text: 'export const a = Date.now();' })).toEqual([]);
    expect(noAmbient(core('util/a.test.ts', 'Date.now();'))).toEqual([]);
  });

  it('holds in the project', () => {
    expect(violations(noAmbient, isPackageCode)).toEqual([]);
  });
});

describe('no escapes', () => {
  const test = (text: string) => ({ path: 'tests/scenarios/a.test.ts', text });

  it.each([
    ['any', 'export const a: any = 1;'],
    ['as any', 'export const a = b as any;'],
    ['@ts-ignore', '// @ts-ignore\nexport const a = b;'],
    ['@ts-expect-error', '/* @ts-expect-error */ export const a = b;'],
    ['a non-null assertion', 'export const a = b!.c;'],
    ['an empty catch', 'try { a(); } catch {}'],
    ['it.only', "it.only('a', () => {});"],
    ['describe.only.each', "describe.only.each([1])('a', () => {});"],
    ['it.skip', "it.skip('a', () => {});"],
    ['it.skipIf', "it.skipIf(process.platform === 'win32')('a', () => {});"],
    ['it.todo', "it.todo('a');"],
    ['skip without a reason', "it('a', ({ skip }) => { skip(); });"],
    ['skip with a condition and no reason', "it('a', (context) => { context.skip(isWindows); });"],
  ])('refuses %s', (_, text) => {
    expect(noEscapes(test(text))).toHaveLength(1);
  });

  it.each([
    ['the word any', "// any\nexport const any = 'any';"],
    ['a catch that says why it does nothing', 'try { a(); } catch { /* already closed */ }'],
    ['skip with a reason', "it('a', ({ skip }) => { skip(isWindows, 'needs openssl'); });"],
    ['it.each', "it.each([1])('a', () => {});"],
  ])('allows %s', (_, text) => {
    expect(noEscapes(test(text))).toEqual([]);
  });

  it('hold in the project', () => {
    expect(violations(noEscapes, isTypeScript)).toEqual([]);
  });
});

describe('time limits', () => {
  it('are no `AbortSignal.timeout` inside of `AbortSignal.any`: that one does not keep it, and what is collected never fires', () => {
    const lost = projectFiles(isPackageCode).filter(({ text }) => /AbortSignal\.any\([^;]*AbortSignal\.timeout\(/.test(text));
    expect(lost.map(({ path }) => path)).toEqual([]);
  });
});

describe('length of files', () => {
  /** How many files may be longer than one likes to read. Lower it when one is split. */
  const LONG_FILES = 10;
  const ofLines = (count: number) => ({ path: 'packages/core/src/a.ts', text: 'a;\n'.repeat(count) });

  it('refuses a file above the limit', () => {
    expect(notTooLong(ofLines(LIMIT_LINES + 1))).toHaveLength(1);
    expect(notTooLong(ofLines(LIMIT_LINES))).toEqual([]);
  });

  it('holds in the project', () => {
    expect(violations(notTooLong, isCode)).toEqual([]);
  });

  it('goes above the aim in few files only', () => {
    const long = projectFiles(isCode).filter(({ text }) => lineCount(text) > LONG_LINES);
    expect(long.length, long.map(({ path, text }) => `${path}: ${lineCount(text)}`).join('\n')).toBeLessThanOrEqual(LONG_FILES);
  });
});
