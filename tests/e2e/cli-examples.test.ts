import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { Network, objects, start } from './lib/cli.ts';

const example = (name: string): string => fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));

describe('examples', () => {
  it('closed-network.sh lets in whom the authority certified, and nobody else', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-example-'));
    const { stdout } = await promisify(execFile)(example('closed-network.sh'), [folder]);
    expect(stdout).toMatch(/ann is in:\n {2}● hub#[0-9a-f]{4} {2}server .*\nthe stranger is not:\nno links\n$/);
    await rm(folder, { recursive: true, force: true });
  });

  it('echo-bot.mjs answers', async () => {
    const network = await Network.start(['ann', 'bot']);
    await network.run('ann', 'channels', 'create', 'garden');
    await vi.waitFor(async () => expect((await network.run('bot', 'channels', 'join', 'garden')).code).toBe(0), { timeout: 60_000 });
    const bot = start(['garden', '--data', network.data('bot')], { script: example('echo-bot.mjs') });
    const said = async (): Promise<string[]> =>
      objects<{ text: string }>(await network.run('ann', 'read', 'garden', '--json')).map(({ text }) => text);
    // Said until it listens.
    await vi.waitFor(
      async () => {
        await network.run('ann', 'send', 'garden', '!echo hello');
        expect(await said()).toContainEqual(expect.stringMatching(/^ann#[0-9a-f]{4} says: hello$/));
      },
      { timeout: 60_000, interval: 500 },
    );
    await bot.stop();
    await network.stop();
  });
});
