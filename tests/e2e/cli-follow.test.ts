import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Network, objects, START_MS, start } from './lib/cli.ts';

let network: Network;

beforeAll(async () => {
  network = await Network.start(['ann']);
  await network.run('ann', 'channels', 'create', 'garden');
  await network.run('ann', 'send', 'garden', 'before');
}, START_MS);
afterAll(() => network.stop(), START_MS);

describe('read --follow', () => {
  it('prints what is there, what comes, and goes on over a restart of the node, each once', async () => {
    const following = start(['read', 'garden', '--follow', '--json', '--data', network.data('ann')]);
    await following.line((line) => line.includes('"before"'));
    await network.run('ann', 'send', 'garden', 'meanwhile');
    await following.line((line) => line.includes('"meanwhile"'));
    expect((await network.run('ann', 'stop')).stdout).toBe('stopped\n');
    expect(await network.process('ann').ended).toBe(0);
    await network.startNode('ann');
    await network.run('ann', 'send', 'garden', 'afterwards');
    await following.line((line) => line.includes('"afterwards"'));
    await following.stop();
    const texts = objects<{ text: string }>({ stdout: following.lines.join('\n') }).map(({ text }) => text);
    expect(texts).toEqual(['before', 'meanwhile', 'afterwards']);
  });
});

describe('stop', () => {
  it('ends the node, and says so to programs', async () => {
    const [stopped] = objects(await network.run('ann', 'stop', '--json'));
    expect(stopped).toMatchObject({ stopped: true, name: 'ann' });
    expect((await network.run('ann', 'stop')).code).toBe(3);
    expect((await network.run('ann', 'status')).code).toBe(3);
  });
});
