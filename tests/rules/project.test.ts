import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isAtLeast, isInstalled } from '../../scripts/lib/dependencies.mjs';
import { SUITES } from '../../scripts/lib/suites.mjs';
import { linksLead } from './lib/links.ts';
import { isPermissive, type LockEntries, lockViolations, type Manifest, productionPaths, strangers } from './lib/manifests.ts';
import { isTest, isText, projectFiles, projectPaths, ROOT, violations } from './lib/repository.ts';
import { globPattern, strayTests } from './lib/suites.ts';
import { noDevelopment, noMachine, noStranger } from './lib/texts.ts';

const isWritten = (path: string) => isText(path) && path !== 'package-lock.json';
const doc = (text: string) => ({ path: 'docs/a.md', text });
const readJson = <T>(path: string): T => JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as T;
const lockEntries = (): LockEntries => readJson<{ packages: LockEntries }>('package-lock.json').packages;

describe('nothing of one machine', () => {
  it.each([
    ['a home folder', `see /${'home'}/ann/notes`],
    ['the folder of root', `cd /${'root'}/x`],
    ['a folder of Windows', `C:\\${'Users'}\\ann`],
    ['a registry', `https://${'registry'}.example.org/a`],
    ['the registry', `host: registry.${'npmjs'}.org`],
  ])('refuses %s', (_, text) => {
    expect(noMachine(doc(text))).toHaveLength(1);
  });

  it('allows paths of the project and of URLs', () => {
    expect(noMachine(doc('packages/core/src, ./work/x, https://example.org/work/x, the registry of nodes'))).toEqual([]);
  });

  it('holds in the project', () => {
    expect(violations(noMachine, isText)).toEqual([]);
  });
});

describe('no words on how the project is being developed', () => {
  it.each([`written by ${'Clau'}de`, `a large language ${'model'}`, `fixes ${'issue'} 2`, `as the ${'brief'} says`])(
    'refuses: %s',
    (text) => {
      expect(noDevelopment(doc(text))).toHaveLength(1);
    },
  );

  it('allows the words of the project', () => {
    expect(noDevelopment(doc('A session is a link between two contacts. Certificates are issued by an authority. User-Agent.'))).toEqual(
      [],
    );
  });

  it('holds in the project', () => {
    expect(violations(noDevelopment, isWritten)).toEqual([]);
  });
});

describe('no package of a stranger', () => {
  const npx = 'npx';

  it.each([`${npx} parley`, `${npx} -y parley chat`, `npm ${'exec'} parley`, `npm ${'install'} -g parley`])('refuses: %s', (text) => {
    expect(noStranger(doc(text))).toHaveLength(1);
  });

  it.each(['npx --no-install parley chat', './parley chat', 'npm install', 'npx vitest run packages/parley'])('allows: %s', (text) => {
    expect(noStranger(doc(text))).toEqual([]);
  });

  it('holds in the texts of the project', () => {
    expect(violations(noStranger, isWritten)).toEqual([]);
  });

  it('refuses a lock file with addresses, without checksums, with gaps, or with our name', () => {
    const entries = {
      'node_modules/a': { resolved: `https://${'example'}.org/a.tgz`, integrity: 'sha512-a' },
      'node_modules/b': { version: '1.0.0' },
      'node_modules/d': { integrity: 'sha512-d', optionalDependencies: { a: '1.0.0', 'd-windows': '1.0.0' } },
      'node_modules/d/node_modules/e': { integrity: 'sha512-e', optionalDependencies: { a: '1.0.0' } },
      'node_modules/c/node_modules/parley': { integrity: 'sha512-c' },
      'node_modules/@parley/core': { integrity: 'sha512-d' },
      'node_modules/@parley/host': { resolved: 'packages/host', link: true },
      'packages/host': { version: '0.1.0' },
    };
    expect(lockViolations(entries)).toHaveLength(5);
  });

  it('holds in the lock file', () => {
    expect(lockViolations(lockEntries())).toEqual([]);
  });

  it('refuses to depend on a stranger', () => {
    const ours = new Map([['@parley/core', '0.1.0']]);
    const dependencies = { parley: '1.0.0', '@parley/core': '^9.0.0', '@parley/other': '0.1.0' };
    expect(strangers({ name: 'a', dependencies }, ours)).toHaveLength(3);
    expect(strangers({ name: 'a', devDependencies: { '@parley/core': '0.1.0' } }, ours)).toEqual([]);
  });

  it('holds in every package.json', () => {
    const manifests = projectPaths()
      .filter((path) => path === 'package.json' || path.endsWith('/package.json'))
      .map((path) => readJson<Manifest & { version: string }>(path));
    const ours = new Map(manifests.map(({ name, version }) => [name ?? '', version]));
    expect(manifests.length).toBeGreaterThan(1);
    expect(manifests.flatMap((manifest) => strangers(manifest, ours))).toEqual([]);
  });

  it('has a command that npm can link before anything is compiled', () => {
    expect(readJson<{ bin?: unknown }>('packages/cli/package.json').bin).toEqual({ parley: 'bin/parley.js' });
    for (const file of ['packages/cli/bin/parley.js', 'parley', '.ci/run']) {
      expect(statSync(join(ROOT, file)).mode & 0o111, file).toBe(0o111);
    }
  });
});

describe('licences', () => {
  it.each([
    ['MIT', true],
    ['(MIT OR GPL-3.0-only)', true],
    ['MIT AND ISC', true],
    ['GPL-3.0-only', false],
    ['MIT AND LGPL-3.0-or-later', false],
    ['UNLICENSED', false],
    ['', false],
  ])('judges %s', (expression, permissive) => {
    expect(isPermissive(expression)).toBe(permissive);
  });

  it('of all that a user receives are permissive', () => {
    const paths = productionPaths(lockEntries()).filter((path) => existsSync(join(ROOT, path, 'package.json')));
    expect(paths.length).toBeGreaterThan(10);
    const licences = paths.map((path) => ({ path, license: readJson<Manifest>(`${path}/package.json`).license }));
    expect(licences.filter(({ license }) => typeof license !== 'string' || !isPermissive(license))).toEqual([]);
  });
});

describe('documents', () => {
  const rule = linksLead(['docs/a.md', 'docs/adr/0001.md', 'README.md']);

  it('are refused when a link leads nowhere', () => {
    expect(rule(doc('[a](missing.md) and ![b](../images/b.png) and <img src="c.svg">'))).toHaveLength(3);
  });

  it('may link to files, folders, headings and other sites', () => {
    expect(rule(doc('[a](adr/0001.md#x) [b](../README.md) [c](adr/) [d](#e) [f](https://example.org) `[g](code.md)`'))).toEqual([]);
  });

  it('link to what is there', () => {
    expect(violations(linksLead(projectPaths()), (path) => path.endsWith('.md'))).toEqual([]);
  });
});

describe('test files', () => {
  it('are found by globs', () => {
    const glob = globPattern('packages/*/src/**/*.test.{ts,tsx}');
    expect(['packages/core/src/a.test.ts', 'packages/cli/src/b/c/d.test.tsx'].every((path) => glob.test(path))).toBe(true);
    expect(['packages/core/src/a.ts', 'packages/a/b/src/a.test.ts', 'packages/core/src/a_test_ts'].some((path) => glob.test(path))).toBe(
      false,
    );
  });

  it('are refused when no suite or two run them', () => {
    const suites = [
      { name: 'a', include: ['tests/a/**/*.test.ts'] },
      { name: 'b', include: ['tests/**/b.test.ts'] },
    ];
    expect(strayTests(['tests/a/a.test.ts', 'tests/c/c.test.ts', 'tests/a/b.test.ts'], suites)).toHaveLength(2);
  });

  it('belong to one suite each', () => {
    const tests = projectPaths().filter(isTest);
    expect(tests.length).toBeGreaterThan(0);
    expect(strayTests(tests, SUITES)).toEqual([]);
  });
});

describe('preparation', () => {
  const lock = { packages: { '': {}, 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '2.0.0', optional: true } } };

  it('recognises what npm installed', () => {
    expect(isInstalled(lock, { packages: { 'node_modules/a': { version: '1.0.0' } } })).toBe(true);
    expect(isInstalled(lock, { packages: lock.packages })).toBe(true);
  });

  it.each([
    ['a missing package', {}],
    ['another version', { 'node_modules/a': { version: '1.0.1' } }],
    ['another version of an optional one', { 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '1.0.0' } }],
    ['one too many', { 'node_modules/a': { version: '1.0.0' }, 'node_modules/c': { version: '1.0.0' } }],
    ['a link instead of a package', { 'node_modules/a': { version: '1.0.0', link: true } }],
  ])('notices %s', (_, packages) => {
    expect(isInstalled(lock, { packages })).toBe(false);
  });

  it('compares versions of Node.js by number', () => {
    expect(['20.19.0', '20.20.1', '24.0.0'].every((version) => isAtLeast(version, '20.19.0'))).toBe(true);
    expect(['20.9.0', '18.20.0', '20.18.9'].some((version) => isAtLeast(version, '20.19.0'))).toBe(false);
  });

  it('finds the files of the project', () => {
    expect(projectFiles((path) => path === 'package.json')).toHaveLength(1);
  });
});
