import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { objects, parley, type Running, START_MS, start } from './lib/cli.ts';

const START = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));

describe('npm start without a terminal', () => {
  let directory = '';
  let demo: Running;
  const data = (name: string): string => join(directory, name);
  const up = (): Promise<Running> => Promise.resolve(start(['--data', directory], { script: START }));

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
    expect(said).toMatch(/server {2}127\.0\.0\.1:\d+, metrics at http:/);
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
