import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { objects, parley, type Running, START_MS, start } from './lib/cli.ts';

const START = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));

describe('npm start', () => {
  let directory = '';
  let demo: Running;
  const up = (): Promise<Running> => Promise.resolve(start(['--data', directory, '--http', '127.0.0.1:0'], { script: START }));

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'parley-web-'));
    demo = await up();
    await demo.line((line) => line.includes('Ctrl-C ends it'));
  }, START_MS);
  afterAll(async () => {
    await demo.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const address = (): string => demo.lines.find((line) => line.trim().startsWith('http://'))?.trim() ?? '';

  it('says where the web app is, and serves it there', async () => {
    const page = await fetch(address());
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const script = /<script type="module"[^>]* src="([^"]+)"/.exec(await page.text())?.[1];
    const loaded = await fetch(`${address()}${script}`, { headers: { 'accept-encoding': 'br' } });
    expect([loaded.status, loaded.headers.get('content-encoding')]).toEqual([200, 'br']);
    expect(loaded.headers.get('cache-control')).toContain('immutable');
  });

  it('takes a node over its WebSocket', async () => {
    const node = start(['node', '--data', join(directory, 'ann'), '--connect', address().replace('http', 'ws'), '--lan', 'off', '--json']);
    try {
      await node.line((line) => line.includes('"ready"'));
      await expect
        .poll(
          async () =>
            objects<{ links: { transport: string }[] }>(await parley(['status', '--json', '--data', join(directory, 'ann')]))[0]?.links,
          {
            timeout: 20_000,
          },
        )
        .toMatchObject([{ transport: 'ws' }]);
    } finally {
      await node.stop();
    }
  });

  it('says where it is when it is up already', async () => {
    const second = await up();
    expect(await second.ended).toBe(8);
    expect(second.stderr).toContain(address());
  });

  it('ends when it is told to', async () => {
    expect(await demo.stop('SIGINT')).toBe(0);
    expect((await parley(['status', '--data', join(directory, 'server')])).code).toBe(3);
  });
});

describe('npm start -- --terminal, without one', () => {
  let directory = '';
  let demo: Running;
  const data = (name: string): string => join(directory, name);
  const up = (): Promise<Running> => Promise.resolve(start(['--terminal', '--data', directory], { script: START }));

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'parley-demo-'));
    demo = await up();
  }, START_MS);
  afterAll(async () => {
    await demo.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('says what it did and how to open a chat, and stays up', async () => {
    await demo.line((line) => line.includes('Ctrl-C or SIGTERM'));
    const said = demo.lines.join('\n');
    expect(said).toMatch(/have met in #lobby/);
    expect(said).toMatch(/server {2}127\.0\.0\.1:\d+, web app at http:/);
    expect(said).toContain(`./parley chat --data ${data('bob')}`);
  });

  it('has two nodes in #lobby that hear each other', async () => {
    const sent = await parley(['send', 'lobby', 'hello bob', '--wait', 'delivered', '--data', data('alice')]);
    expect([sent.code, sent.stderr]).toEqual([0, '']);
    const read = await parley(['read', 'lobby', '--json', '--data', data('bob')]);
    const texts = objects<{ text: string }>(read).map(({ text }) => text);
    expect(texts).toEqual([expect.stringContaining('This is bob'), 'hello bob']);
  });

  it('says so when it is up already', async () => {
    const second = await up();
    expect(await second.ended).toBe(8);
    expect(second.stderr).toContain('is up already');
    expect(second.stderr).toContain(`./parley chat --data ${data('alice')}`);
  });

  it('ends everything when it is told to, and keeps what was said', async () => {
    expect(await demo.stop('SIGTERM')).toBe(0);
    for (const name of ['server', 'alice', 'bob']) expect((await parley(['status', '--data', data(name)])).code).toBe(3);
    demo = await up();
    await demo.line((line) => line.includes('Ctrl-C or SIGTERM'));
    const read = await parley(['read', 'lobby', '--json', '--data', data('alice')]);
    expect(objects<{ text: string }>(read).map(({ text }) => text)).toEqual([expect.stringContaining('This is bob'), 'hello bob']);
    expect(await demo.stop('SIGINT')).toBe(0);
  });

  it('refuses arguments that it does not know', async () => {
    const wrong = start(['--date', 'x'], { script: START });
    expect(await wrong.ended).toBe(2);
  });
});
