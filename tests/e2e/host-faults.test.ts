import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorCode, ParleyError } from '@parley/core';
import { type ApiClient, createCrypto, type HostNodeOptions, readPublicIdentity } from '@parley/host';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Lab, meet, texts, until } from './host-lab.ts';

let lab: Lab;
beforeEach(() => {
  lab = new Lab();
});
afterEach(() => lab.close());

const digest = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

describe('a node that cannot start', () => {
  it('says that its directory is in use, and leaves the running one alone', async () => {
    const options = { data: lab.dir('ann'), nodeType: 'client', name: 'ann' } as const;
    const running = await lab.spawn(options);
    const second = await lab.spawn(options).catch((error: Error) => JSON.parse(error.message));
    expect(second).toMatchObject({ code: 'in-use', message: expect.stringContaining(`process ${running.child.pid}`) });
    expect((await running.client.status()).node_id).toBe(running.ready.node_id);
    expect(await running.end('SIGKILL')).toBe('SIGKILL');
    // What was killed holds nothing.
    const third = await lab.spawn(options);
    expect((await third.client.status()).node_id).toBe(running.ready.node_id);
  });

  it('says that its database is damaged, and does not touch it', async () => {
    const options = { data: lab.dir('ann'), nodeType: 'client', name: 'ann' } as const;
    const { host, client } = await lab.start(options);
    await client.create('garden');
    for (let i = 0; i < 20; i++) await client.send('garden', `message ${i}`);
    await host.stop();
    const path = join(lab.dir('ann'), 'store.db');
    const bytes = readFileSync(path);
    bytes.fill(0xa5, 4096, 3 * 4096);
    writeFileSync(path, bytes);
    const before = digest(path);
    await expect(lab.start(options)).rejects.toMatchObject({ code: 'corrupt', message: expect.stringContaining(path) });
    expect(digest(path)).toBe(before);
    writeFileSync(path, 'not a database at all, but long enough to be looked at '.repeat(100));
    const text = digest(path);
    await expect(lab.start(options)).rejects.toSatisfy((error) => ['corrupt', 'unsupported'].includes(errorCode(error)));
    expect(digest(path)).toBe(text);
    // The directory is free again after each failure.
    rmSync(path);
    await lab.start(options);
  });

  it('makes no new identity for old messages', async () => {
    const options = { data: lab.dir('ann'), nodeType: 'client' } as const;
    const { host } = await lab.start(options);
    await host.stop();
    rmSync(join(lab.dir('ann'), 'identity.json'));
    await expect(lab.start(options)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('says that a port is taken, or an address none', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => squatter.once('listening', resolve));
    lab.after(() => squatter.close());
    const address = squatter.address();
    const taken = typeof address === 'object' ? `127.0.0.1:${address?.port}` : '';
    await expect(lab.server({ tls: taken })).rejects.toMatchObject({ code: 'in-use', message: expect.stringContaining(taken) });
    await expect(lab.server({ http: taken })).rejects.toMatchObject({ code: 'in-use', message: expect.stringContaining(taken) });
    await expect(lab.server({ tls: 'nowhere' })).rejects.toMatchObject({ code: 'bad-argument' });
    await expect(lab.server({ connect: ['hub'] })).rejects.toMatchObject({ code: 'bad-argument' });
    await lab.server();
  });

  it('leaves nothing that was not there before', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => squatter.once('listening', resolve));
    lab.after(() => squatter.close());
    const address = squatter.address();
    const taken = typeof address === 'object' ? `127.0.0.1:${address?.port}` : '';
    const missing = join(lab.root, 'missing.pem');
    const refused: readonly Partial<HostNodeOptions>[] = [
      { tls: taken },
      { http: taken },
      { http: '127.0.0.1:0', httpCert: missing, httpKey: missing },
      { authorities: [missing] },
      { name: 'a#b' },
      { name: 'n'.repeat(65) },
      { passphrase: '' },
    ];
    for (const options of refused) {
      await expect(
        lab.start({ data: lab.dir('new/ann'), nodeType: 'server', tls: '127.0.0.1:0', name: 'ann', ...options }),
      ).rejects.toThrow();
      expect([options, readdirSync(lab.root)]).toEqual([options, []]);
    }
    // What was there stays, a wrong passphrase too leaves it as it was, and a later start is the first.
    mkdirSync(lab.dir('ann'));
    writeFileSync(lab.dir('ann/notes.txt'), 'mine');
    await expect(lab.start({ data: lab.dir('ann'), nodeType: 'client', tls: taken })).rejects.toMatchObject({ code: 'in-use' });
    expect(readdirSync(lab.dir('ann'))).toEqual(['notes.txt']);
    const { host } = await lab.start({ data: lab.dir('ann'), nodeType: 'client', name: 'ann', passphrase: 'the beans are up' });
    await host.stop();
    const before = readdirSync(lab.dir('ann')).sort();
    await expect(lab.start({ data: lab.dir('ann'), nodeType: 'client', passphrase: 'the beans are down' })).rejects.toMatchObject({
      code: 'bad-passphrase',
    });
    expect(readdirSync(lab.dir('ann')).sort()).toEqual(before);
  });
});

describe('an identity under a passphrase', () => {
  it('opens with it alone', async () => {
    const options = { data: lab.dir('ann'), nodeType: 'client', name: 'ann' } as const;
    const { host } = await lab.start({ ...options, passphrase: 'the beans are up' });
    await host.stop();
    await expect(lab.start(options)).rejects.toMatchObject({ code: 'bad-passphrase' });
    await expect(lab.start({ ...options, passphrase: 'the beans are down' })).rejects.toMatchObject({ code: 'bad-passphrase' });
    const again = await lab.start({ ...options, name: 'Ann', passphrase: 'the beans are up' });
    expect(again.host.ready.node_id).toBe(host.ready.node_id);
    expect((await again.client.status()).name).toBe('Ann');
  });
});

describe('the name of a node', () => {
  it('changes with the option, and stays without it', async () => {
    const data = lab.dir('ann');
    const names: string[] = [];
    const ids = new Set<string>();
    for (const name of ['ann', undefined, 'Ann of the garden', undefined]) {
      const { host, client } = await lab.start({ data, nodeType: 'client', name });
      names.push((await client.status()).name);
      ids.add(host.ready.node_id);
      await host.stop();
    }
    expect(names).toEqual(['ann', 'ann', 'Ann of the garden', 'Ann of the garden']);
    expect(ids.size).toBe(1);
    await expect(lab.start({ data, nodeType: 'client', name: 'a#b' })).rejects.toMatchObject({ code: 'bad-argument' });
    // Nor by a start that is refused.
    const nowhere = join(lab.root, 'missing.pem');
    await expect(
      lab.start({ data, nodeType: 'client', name: 'Bob', http: '127.0.0.1:0', httpCert: nowhere, httpKey: nowhere }),
    ).rejects.toThrow();
    expect((await readPublicIdentity(data, createCrypto())).name).toBe('Ann of the garden');
    const message = 'a name has at most 64 characters';
    await expect(lab.start({ data, nodeType: 'client', name: 'n'.repeat(65) })).rejects.toMatchObject({ code: 'bad-argument', message });
  });
});

/** Why no file system of a few megabytes can be had here; undefined when it can. */
function whyNoSmallDisk(): string | undefined {
  if (process.platform !== 'linux') return `there is no tmpfs on ${process.platform}`;
  if (process.getuid?.() !== 0) return 'only root may mount';
  const place = mkdtempSync(join(tmpdir(), 'parley-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', place], { stdio: 'pipe' });
    execFileSync('umount', [place], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `mounting is not allowed: ${ParleyError.from(error).message}`;
  } finally {
    rmSync(place, { recursive: true });
  }
}

describe('a full disk', () => {
  const obstacle = whyNoSmallDisk();

  /** A disk of 6 MiB in which 2 MiB are taken by something that can be removed. */
  function smallDisk(name: string): { path: string; free: () => void } {
    const path = lab.dir(name);
    mkdirSync(path);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m,mode=700', 'tmpfs', path]);
    lab.after(() => execFileSync('umount', ['--lazy', path]));
    const ballast = join(path, 'ballast');
    writeFileSync(ballast, Buffer.alloc(2 * 1024 * 1024));
    return { path, free: () => rmSync(ballast) };
  }

  /** Sends until the disk is full; the texts that were taken. */
  async function fill(client: ApiClient, limit = 1_000): Promise<string[]> {
    const taken: string[] = [];
    for (let i = 0; i < limit; i++) {
      const text = `${i} ${'word '.repeat(6_000)}`;
      try {
        await client.send('lobby', text);
        taken.push(text);
      } catch (error) {
        expect(errorCode(error)).toBe('storage-full');
        return taken;
      }
    }
    throw new Error('the disk never got full');
  }

  it('is told to the sender, who can go on once there is room', async ({ skip }) => {
    skip(obstacle !== undefined, `${obstacle}`);
    const { host } = await lab.server();
    const connect = [host.ready.tls ?? ''];
    const disk = smallDisk('disk');
    const ann = await lab.start({ data: join(disk.path, 'ann'), nodeType: 'client', name: 'ann', connect });
    const ben = await lab.start({ data: lab.dir('ben'), nodeType: 'client', name: 'ben', connect });
    await meet('lobby', ann.client, ben.client);
    const taken = await fill(ann.client);
    expect(taken.length).toBeGreaterThan(10);
    await expect(ann.client.send('lobby', 'x '.repeat(15_000))).rejects.toMatchObject({ code: 'storage-full' });
    expect(await texts(ann.client, 'lobby', taken.length)).toEqual(taken);
    disk.free();
    await ann.client.send('lobby', 'there is room again');
    const all = [...taken, 'there is room again'];
    // Nothing that was taken is missing at the other end, and what was refused left no gap.
    expect(await texts(ben.client, 'lobby', all.length)).toEqual(all);
    expect((await ben.client.messages('lobby', { limit: 500 })).map(({ seq }) => seq)).toEqual(all.map((_, index) => index + 1));
  });

  it('at a server loses nothing that it took', async ({ skip }) => {
    skip(obstacle !== undefined, `${obstacle}`);
    const disk = smallDisk('disk');
    const { host, client: server } = await lab.server({ data: join(disk.path, 'server') });
    const connect = [host.ready.tls ?? ''];
    const ann = await lab.start({ data: lab.dir('ann'), nodeType: 'client', name: 'ann', connect });
    const ben = await lab.start({ data: lab.dir('ben'), nodeType: 'client', name: 'ben', connect });
    await meet('lobby', ann.client, ben.client);
    await ben.host.stop();
    await until(async () => (await server.status()).links.length === 1, 'Ben is away');
    const sent: string[] = [];
    const states = async () => (await ann.client.messages('lobby', { limit: 500 })).map(({ delivery }) => delivery?.state);
    const refused = () => host.node.metrics.value('failures', 'storage-full');
    for (let i = 0; refused() === 0 && i < 300; i++) {
      sent.push(`${i} ${'word '.repeat(6_000)}`);
      await ann.client.send('lobby', sent.at(-1) ?? '');
    }
    expect(refused()).toBeGreaterThan(0);
    expect(await states()).not.toContain('failed');
    disk.free();
    await until(async () => (await states()).every((state) => state === 'stored'), 'all of them are stored', 60_000);
    const again = await lab.start({ data: lab.dir('ben'), nodeType: 'client', connect });
    expect(await texts(again.client, 'lobby', sent.length)).toEqual(sent);
  });
});
