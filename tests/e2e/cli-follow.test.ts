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

describe('read --follow', () => {
  it('prints a message again when it is edited or deleted, and for programs whatever is done to it', async () => {
    const follow = (...more: string[]) => start(['read', 'garden', '--follow', '--limit', '0', ...more, '--data', network.data('ann')]);
    const [people, programs] = [follow(), follow('--json')];
    // Once both listen they are told of something.
    for (const [following, text] of [
      [people, 'for people'],
      [programs, 'for programs'],
    ] as const) {
      const said = async (): Promise<unknown> => network.run('ann', 'send', 'garden', text);
      const heard = following.line((line) => line.includes(text));
      const again = setInterval(() => void said(), 1000);
      await said();
      await heard.finally(() => clearInterval(again));
    }
    const [sent] = objects<{ msg_id: string }>(await network.run('ann', 'send', 'garden', 'The beens are up', '--json'));
    const id = sent?.msg_id ?? '';
    await network.run('ann', 'react', 'garden', id, '🎉');
    await network.run('ann', 'edit', 'garden', id, 'The beans are up');
    await network.run('ann', 'delete', 'garden', id);
    await Promise.all([people.line((line) => line.includes('deleted')), programs.line((line) => line.includes('"deleted"'))]);
    await Promise.all([people.stop(), programs.stop()]);
    const told = objects<{ msg_id: string; text: string; edited?: string; deleted?: object; reactions?: object[] }>({
      stdout: programs.lines.join('\n'),
    });
    const mine = told.filter(({ msg_id }) => msg_id === id);
    expect(
      mine.map(({ text, edited, deleted, reactions }) => [text, reactions?.length ?? 0, edited !== undefined, deleted !== undefined]),
    ).toEqual([
      ['The beens are up', 0, false, false],
      ['The beens are up', 1, false, false],
      ['The beans are up', 1, true, false],
      ['', 0, false, true],
    ]);
    const lines = people.lines
      .filter((line) => /beens|beans|deleted/.test(line))
      .map((line) => line.replace(/^.{16} {2}ann#\w{4} {2}/, ''));
    expect(lines).toEqual(['The beens are up', 'The beans are up  (edited)', expect.stringContaining('deleted')]);
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
