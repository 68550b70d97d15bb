import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from './exit-codes.ts';
import { main } from './main.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'parley-main-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** Runs the command in this process; no node runs anywhere. */
async function parley(argv: readonly string[], options: { stdin?: string; env?: Record<string, string> } = {}) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  stdin.end(options.stdin ?? '');
  const code = await main(argv, { stdin, stdout, stderr, env: { PARLEY_DATA: join(directory, 'nothing'), ...options.env } });
  const text = (stream: PassThrough): string => String(stream.read() ?? '');
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

describe('help', () => {
  it('tells the commands, the environment and the exit codes', async () => {
    const { code, stdout, stderr } = await parley(['--help']);
    expect([code, stderr]).toEqual([EXIT.ok, '']);
    for (const word of ['server', 'chat', 'PARLEY_DATA', 'Exit codes:', 'no node runs']) expect(stdout).toContain(word);
  });

  it.each([
    'server',
    'node',
    'chat',
    'status',
    'channels',
    'send',
    'read',
    'search',
    'edit',
    'delete',
    'react',
    'pin',
    'export',
    'find',
    'route',
    'id',
    'ca',
    'stop',
  ])('is there for %s', async (command) => {
    const { code, stdout } = await parley([command, '--help']);
    expect(code).toBe(EXIT.ok);
    expect(stdout).toContain(`Usage: parley ${command}`);
  });

  it('and version are no failures', async () => {
    expect((await parley(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await parley(['help', 'send'])).code).toBe(EXIT.ok);
  });
});

describe('wrong arguments', () => {
  it.each([
    ['an unknown command', ['sned', 'x'], 'Did you mean send'],
    ['an unknown option', ['status', '--jsno'], 'Did you mean --json'],
    ['a missing argument', ['read'], "missing required argument 'channel'"],
    ['no key to find', ['find'], "missing required argument 'who'"],
    ['too many arguments', ['stop', 'now'], 'too many arguments'],
    ['a missing value', ['server', '--data'], 'argument missing'],
    ['a limit that is no number', ['read', 'lobby', '--limit', 'ten'], 'whole number'],
    ['a limit that is too large', ['search', 'x', '--limit', '501'], 'whole number from 1 to 500'],
    ['an unknown state', ['send', 'lobby', 'x', '--wait', 'read'], 'sent, stored, delivered'],
    ['no days', ['ca', 'issue', 'x', '--in', 'x', '--out', 'x', '--days', '0'], 'whole number from 1 to 36500'],
    ['half a day', ['ca', 'issue', 'x', '--in', 'x', '--out', 'x', '--days', '0.5'], 'whole number from 1 to 36500'],
    ['days without end', ['ca', 'issue', 'x', '--in', 'x', '--out', 'x', '--days', '1e9'], 'whole number from 1 to 36500'],
    ['no time', ['send', 'lobby', 'x', '--timeout', '0'], 'number of seconds'],
    ['an unknown log level', ['node', '--log-level', 'all'], 'Allowed choices'],
    ['two things at once', ['read', 'lobby', '--follow', '--before', 'x'], '--before or --follow'],
    ['chat without a terminal', ['chat'], 'chat needs a terminal'],
    ['an identity without a name', ['id', '--create'], 'needs a --name'],
    ['an empty message', ['send', 'lobby', '-'], 'no text to send'],
    ['an address that is none', ['node', '--tls', 'nowhere'], 'nowhere'],
  ])('%s', async (_, argv, words) => {
    const { code, stdout, stderr } = await parley(argv);
    expect([code, stdout]).toEqual([EXIT.usage, '']);
    expect(stderr).toContain(words);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('nothing at all shows the help', async () => {
    const { code, stdout } = await parley([]);
    expect([code, stdout.includes('Usage: parley')]).toEqual([EXIT.usage, true]);
  });

  it('are told as JSON when that is asked for', async () => {
    const { code, stderr } = await parley(['read', '--json']);
    expect(code).toBe(EXIT.usage);
    expect(JSON.parse(stderr)).toEqual({ error: { code: 'usage', message: "missing required argument 'channel'" } });
  });
});

describe('without a node', () => {
  it.each([
    [['status']],
    [['channels']],
    [['channels', 'create', 'x']],
    [['send', 'lobby', 'x']],
    [['send', 'lobby', 'x', '--wait', 'sent']],
    [['read', 'lobby']],
    [['read', 'lobby', '--follow']],
    [['search', 'x']],
    [['find', 'key_x']],
    [['route', 'key_x']],
    [['stop']],
  ])('%j says that none runs', async (argv) => {
    const { code, stderr } = await parley(argv);
    expect(code).toBe(EXIT.noNode);
    expect(stderr).toContain('no node is running');
    const json = await parley([...argv, '--json']);
    expect(json.code).toBe(EXIT.noNode);
    expect(JSON.parse(json.stderr)).toMatchObject({ error: { code: 'no-node' } });
  });
});

describe('identities', () => {
  it('are made, shown, and not made twice', async () => {
    const data = join(directory, 'ann');
    expect((await parley(['id', '--data', data])).code).toBe(EXIT.notFound);
    const made = await parley(['id', '--data', data, '--create', '--name', 'ann', '--json']);
    expect(made.code).toBe(EXIT.ok);
    const facts = JSON.parse(made.stdout);
    expect(facts).toMatchObject({ name: 'ann', encrypted: false, self_signed: true });
    const pem = await parley(['id', '--data', data, '--pem']);
    expect(pem.stdout).toBe(facts.certificate);
    expect(pem.stdout).toMatch(/^-----BEGIN CERTIFICATE-----\n/);
    const text = await parley(['id'], { env: { PARLEY_DATA: data } });
    expect(text.stdout).toContain(facts.key);
    expect((await parley(['id', '--data', data, '--create', '--name', 'ann'])).code).toBe(EXIT.conflict);
  });

  it('are encrypted under a passphrase from a file or the environment', async () => {
    const file = join(directory, 'passphrase');
    await writeFile(file, 'correct horse\n');
    const fromFile = await parley([
      'id',
      '--data',
      join(directory, 'bea'),
      '--create',
      '--name',
      'bea',
      '--passphrase-file',
      file,
      '--json',
    ]);
    expect(JSON.parse(fromFile.stdout)).toMatchObject({ encrypted: true });
    const fromEnv = await parley(['id', '--data', join(directory, 'cid'), '--create', '--name', 'cid', '--json'], {
      env: { PARLEY_PASSPHRASE: 'x' },
    });
    expect(JSON.parse(fromEnv.stdout)).toMatchObject({ encrypted: true });
    await writeFile(file, '\n');
    const empty = await parley(['id', '--data', join(directory, 'dan'), '--create', '--name', 'dan', '--passphrase-file', file]);
    expect([empty.code, empty.stderr]).toEqual([EXIT.refused, expect.stringContaining('first line')]);
    const missing = await parley(['node', '--passphrase-file', join(directory, 'none')]);
    expect(missing.code).toBe(EXIT.notFound);
    const named = `parley: ${join(directory, 'none')}, which is to hold a passphrase, is not there\n`;
    expect([missing.code, missing.stderr]).toEqual([EXIT.notFound, named]);
    const asked = await parley(['id', '--data', join(directory, 'eve'), '--create', '--name', 'eve', '--ask-passphrase']);
    expect([asked.code, asked.stderr]).toEqual([EXIT.usage, expect.stringContaining('--passphrase-file')]);
  });

  it('go elsewhere as an encrypted backup', { timeout: 120_000 }, async () => {
    const [from, to, file, passphrase] = ['from', 'to', 'ann.parley', 'words'].map((name) => join(directory, name)) as [
      string,
      string,
      string,
      string,
    ];
    await writeFile(passphrase, 'for the road\n');
    const id = (data: string, ...argv: string[]) => parley(['id', '--data', data, '--json', ...argv]);
    const made = JSON.parse((await id(from, '--create', '--name', 'ann')).stdout);
    const open = ['--backup-passphrase-file', passphrase];
    expect((await id(from, '--backup', file, ...open)).code).toBe(EXIT.ok);
    const text = await readFile(file, 'utf8');
    expect(JSON.parse(text)).toMatchObject({ format: 'parley/identity/1', name: 'ann', node_id: made.node_id, key: made.key });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const over = await id(from, '--backup', file, ...open);
    expect([over.code, over.stderr]).toEqual([EXIT.conflict, expect.stringContaining(`${file} is already there`)]);
    expect(await readFile(file, 'utf8')).toBe(text);

    const restored = await id(to, '--restore', file, ...open, '--passphrase-file', passphrase);
    expect([restored.code, JSON.parse(restored.stdout)]).toEqual([EXIT.ok, { ...made, encrypted: true }]);
    expect((await id(to, '--restore', file, ...open)).code).toBe(EXIT.conflict);
    const again = await id(to, '--backup', `${file}.2`, ...open);
    expect([again.code, again.stderr]).toEqual([EXIT.refused, expect.stringContaining('passphrase')]);
    const short = join(directory, 'short');
    await writeFile(short, 'abc\n');
    for (const backup of [
      ['id', '--backup', `${file}.3`],
      ['backup', `${file}.3`],
    ]) {
      const { code, stderr } = await parley([...backup, '--backup-passphrase-file', short, '--data', from]);
      expect([code, stderr]).toEqual([EXIT.usage, expect.stringContaining('the passphrase of a backup has at least 8 characters')]);
    }
    expect((await id(to, '--backup', `${file}.2`, ...open, '--passphrase-file', passphrase)).code).toBe(EXIT.ok);

    await writeFile(passphrase, 'something else\n');
    expect((await id(join(directory, 'no'), '--restore', file, ...open)).code).toBe(EXIT.refused);
    await writeFile(file, text.replace('"ciphertext": "', '"ciphertext": "AAAA'));
    expect(JSON.parse((await id(join(directory, 'no'), '--restore', file, ...open)).stderr)).toMatchObject({ error: { code: 'corrupt' } });
    const asked = await id(from, '--backup', file);
    expect([asked.code, asked.stderr]).toEqual([EXIT.usage, expect.stringContaining('--backup-passphrase-file')]);
  });
});

describe('an authority', () => {
  it.each([
    ['Ed25519', []],
    ['RSA', ['--rsa']],
  ] as const)('with %s certifies an identity, which takes the certificate', async (kind, flags) => {
    const [authority, data, request, issued] = ['ca', 'node', 'request.pem', 'issued.pem'].map((name) =>
      join(directory, `${kind}-${name}`),
    ) as [string, string, string, string];
    const made = await parley(['ca', 'create', authority, ...flags, '--name', 'The garden', '--json']);
    expect(JSON.parse(made.stdout)).toMatchObject({ name: 'The garden', file: join(authority, 'authority.pem'), encrypted: false });
    await parley(['id', '--data', data, '--create', '--name', 'ann', '--export-certificate', request]);
    const certified = await parley(['ca', 'issue', authority, '--in', request, '--out', issued, '--days', '30', '--json']);
    expect([certified.code, certified.stderr]).toEqual([EXIT.ok, '']);
    const installed = await parley(['id', '--data', data, '--install-certificate', issued, '--json']);
    const { certificate } = JSON.parse(certified.stdout);
    expect(JSON.parse(installed.stdout)).toMatchObject({ name: 'ann', self_signed: false, certificate });
    // What is there is somebody's, and is not written over.
    expect((await parley(['ca', 'issue', authority, '--in', request, '--out', issued])).code).toBe(EXIT.conflict);
    expect((await parley(['id', '--data', data, '--export-certificate', request])).code).toBe(EXIT.conflict);
    expect(await readFile(issued, 'utf8')).toBe(certificate);
    expect((await parley(['ca', 'create', authority])).code).toBe(EXIT.conflict);
  });

  it('says what is wrong', async () => {
    const nothing = join(directory, 'no-such');
    expect((await parley(['ca', 'issue', nothing, '--in', nothing, '--out', nothing])).code).toBe(EXIT.notFound);
    expect((await parley(['ca', 'issue', nothing])).stderr).toContain('--in');
    const data = join(directory, 'fay');
    await parley(['id', '--data', data, '--create', '--name', 'fay']);
    const junk = join(directory, 'junk.pem');
    await writeFile(junk, 'no certificate');
    expect((await parley(['id', '--data', data, '--install-certificate', junk])).code).toBe(EXIT.usage);
  });
});
