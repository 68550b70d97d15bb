import { mkdirSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMAND, Network, objects, type Ran, run, START_MS, until } from './lib/cli.ts';

let network: Network;
const on = (name: string, ...args: string[]): Promise<Ran> => network.run(name, ...args);
const done = (name: string, ...args: string[]): Promise<Ran> => network.done(name, ...args);

beforeAll(async () => {
  network = await Network.start(['ann', 'ben', 'cas']);
  for (const name of ['ben', 'cas']) {
    await done('ann', 'contacts', 'add', (await on(name, 'contacts', 'link')).stdout.trim(), '--alias', name === 'ben' ? 'Benny' : 'cas');
    await done(name, 'contacts', 'accept', 'ann');
    await done('ann', 'send', `@${name}`, 'hello', '--wait', 'delivered');
  }
  await done('ann', 'channels', 'create', 'hideout', '--closed');
  await done('ann', 'channels', 'invite', 'hideout', 'Benny');
  await done('ben', 'channels', 'accept', 'hideout');
}, START_MS);
afterAll(() => network.stop(), START_MS);

describe('the command', () => {
  it('ends quietly when whoever reads its output has gone', async () => {
    for (let i = 0; i < 30; i++) await done('ann', 'send', 'hideout', 'x'.repeat(10_000));
    const pipe = `"${process.execPath}" "${COMMAND}" read hideout --data "${network.data('ann')}" | head -1; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = await run(['bash', '-c', pipe], []);
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n').at(-1)).toBe('0');
  });

  it('says in one line why an export cannot be written, and takes away nothing that was there', async () => {
    const folder = join(network.directory, 'out');
    mkdirSync(folder);
    writeFileSync(join(folder, 'notes'), 'mine');
    for (const output of [folder, `${folder}/`, join(folder, 'notes'), join(folder, 'none', 'x')]) {
      const exported = await on('ann', 'export', 'hideout', '--output', output);
      expect([7, 8]).toContain(exported.code);
      expect(exported.stderr).toMatch(/^parley: [^\n]+\n$/);
    }
    expect((await stat(join(folder, 'notes'))).size).toBe(4);
    const written = await on('ann', 'export', '@ben', '--output', join(folder, 'ben.txt'));
    expect(written.stdout).toMatch(/^\d+ messages? of @\S+ in /);
  });

  it('keeps to the rules for names of channels, and says which they are', async () => {
    for (const name of ['bad name', '@cas', 'a#b', '', 'x'.repeat(100)]) {
      const renamed = await on('ann', 'channels', 'settings', 'hideout', '--name', name);
      expect(renamed).toMatchObject({ code: 2, stderr: expect.stringContaining('1 to 64 characters') });
    }
    expect((await on('ann', 'channels', 'create', '@ben')).stderr).toContain('does not begin with @');
    expect((await on('ann', 'channels', 'create', '#once')).stdout).toContain('created #once');
    expect((await on('ann', 'channels', 'create', 'once')).stderr).toContain('another channel is called #once too');
  });

  it('shows members what newcomers may read, and refuses them what owners do', async () => {
    const settings = await until(
      () => on('ben', 'channels', 'settings', 'hideout'),
      ({ code }) => code === 0,
    );
    expect(settings.stdout).toContain('newcomers may read');
    expect((await on('ben', 'channels', 'settings', 'hideout', '--history', '1')).code).toBe(5);
    expect((await on('ben', 'channels', 'role', 'hideout', 'ann', 'owner')).code).toBe(5);
    expect((await on('ann', 'channels', 'settings', 'hideout', '--history', '1')).stdout).toContain('the last message of the time before');
  });

  it('knows contacts by each of their names, whatever it does with them', async () => {
    for (const name of ['@Benny', '@ben']) expect((await on('ann', 'channels', 'timer', name)).stdout).toContain('messages stay');
    expect((await on('ann', 'route', 'Benny')).code).toBe(0);
    expect((await on('ann', 'route', '@ben')).code).toBe(0);
    expect((await on('ann', 'find', 'nobody')).stderr).toContain('no contact nobody is known here');
    expect((await on('ann', 'send', 'Benny', 'x')).stderr).toContain('the contact is @Benny');
    expect((await on('ben', 'contacts', 'accept', 'ann')).code).toBe(0);
    await done('ann', 'contacts', 'rename', 'cas', 'Benny');
    const keys = objects<{ key: string }>(await on('ann', 'contacts', '--json')).map(({ key }) => key);
    const { stderr } = await on('ann', 'contacts', 'verify', 'Benny');
    for (const key of keys) expect(stderr).toContain(key);
    await done('ann', 'contacts', 'rename', keys[1] as string);
  });

  it('loses no contact to a new key without saying so before', async () => {
    const refused = await on('cas', 'contacts', 'rotate');
    expect(refused).toMatchObject({ code: 8, stderr: expect.stringMatching(/^parley: ann#\w{4} is not verified, and would not be told/) });
    expect((await on('cas', 'contacts', 'rotate', '--status')).stdout).toBe('no new key was begun with\n');
    expect((await on('cas', 'contacts', 'rotate', '--all', '--verified')).code).toBe(2);
  });

  it('sends nothing that is only white space, and saves files into directories', async () => {
    expect((await on('ann', 'send', 'hideout', '   ')).code).toBe(2);
    const note = join(network.directory, 'note.txt');
    writeFileSync(note, 'a note');
    await done('ann', 'send', 'hideout', '--file', note);
    const listed = await until(
      () => on('ben', 'files', 'hideout'),
      ({ stdout }) => stdout.includes('note.txt'),
    );
    const [id = ''] = listed.stdout.split(' ');
    expect((await on('ben', 'read', 'hideout', '--ids')).stdout).toContain(id);
    const folder = join(network.directory, 'saved');
    mkdirSync(folder);
    expect((await on('ben', 'files', 'get', 'hideout', id, '--output', folder)).stdout).toContain(join(folder, 'note.txt'));
    expect(await on('ben', 'files', 'get', 'hideout', id, '--output', join(folder, 'none', 'x'))).toMatchObject({ code: 7 });
    expect(await on('ben', 'files', 'get', 'hideout', id, 'x')).toMatchObject({ code: 2, stderr: expect.stringContaining("'index'") });
    expect((await on('ben', 'files', 'large')).stderr).toContain('no large files');
  });
});
