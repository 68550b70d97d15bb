import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Network, type Ran, START_MS } from './lib/cli.ts';
import { closeTerminals, hasScript, Terminal } from './lib/terminal.ts';

describe('chat', () => {
  let network: Network;
  const channels = (...args: string[]): Promise<Ran> => network.run('ann', 'channels', ...args);
  const holds = (ask: () => Promise<Ran>): Promise<void> =>
    vi.waitFor(async () => expect(await ask()).toMatchObject({ code: 0 }), { timeout: 20_000 });

  beforeAll(async () => {
    network = await Network.start(['ann', 'ben']);
  }, START_MS);
  afterAll(() => network.stop(), START_MS);
  afterEach(closeTerminals);
  beforeEach(({ skip }) => skip(!hasScript, 'script of util-linux is missing'));

  it('tells of who asks to be a contact and of an invitation, answers both, and says where nothing can be written', async () => {
    const ben = new Terminal(network.data('ben'));
    await ben.shows('You are not in any channel yet');
    await network.run('ann', 'contacts', 'add', (await network.run('ben', 'contacts', 'link')).stdout.trim(), '--message', 'It is me');
    await ben.shows(/ann#[0-9a-f]{4} asks to be a contact: \/accept ann#[0-9a-f]{4}, or \/requests/);
    ben.type('\u001b');
    await ben.shows('1 request: /requests');
    ben.type('/requests\r');
    await ben.shows(/To be a contact\n.*ann#[0-9a-f]{4} {2}key_[\s\S]*says: It is me/);
    ben.type('/accept an\t\r');
    await ben.shows(/is a contact; compare the safety number/);
    await ben.shows(/│ @ann[\s\S]*› Write to @ann/);

    await channels('create', 'hideout', '--closed');
    await holds(() => channels('invite', 'hideout', 'ben'));
    await ben.shows(/ann#[0-9a-f]{4} invites you to #hideout: \/accept #hideout/);
    ben.type('/accept hideout\r');
    await ben.shows(/│ #hideout[\s\S]*› Write to #hideout/);
    ben.type('/who\r');
    await ben.shows(/● ann#[0-9a-f]{4} {2}owner, here/);
    await holds(() => channels('role', 'hideout', 'ben', 'observer'));
    await ben.shows('✗ you observe this channel');
    ben.type('hello\r');
    await ben.shows(/you observe this channel[\s\S]*✗ hello/);
    ben.type('\u0015/who\r');
    await ben.shows(/● ben#[0-9a-f]{4} \(you\) {2}observer, here/);
    await holds(() => channels('remove', 'hideout', 'ben'));
    await ben.shows(/✗ you were removed by ann#[0-9a-f]{4} on .*: \/leave takes it off the list/);
    ben.type('/leave\r');
    await ben.shows(/│ @ann[\s\S]*› Write to @ann/);
    await network.run('ben', 'contacts', 'block', 'ann');
    await ben.shows(/✗ ann#[0-9a-f]{4} is blocked/);
    await network.run('ben', 'contacts', 'unblock', 'ann');
    await ben.shows('› Write to @ann');
    expect(await ben.quit()).toBe(0);
  });
});
