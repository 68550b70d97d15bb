import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Network, objects, type Ran, START_MS, until } from './lib/cli.ts';

interface Member {
  readonly display: string;
  readonly key: string;
  readonly role: string;
  readonly invited?: boolean;
}

let network: Network;
const on = (name: string, ...args: string[]): Promise<Ran> => network.run(name, ...args);
const channels = (name: string, ...args: string[]): Promise<Ran> => on(name, 'channels', ...args);
const keyOf = async (name: string): Promise<string> => (JSON.parse((await on(name, 'status', '--json')).stdout) as { key: string }).key;
const members = async (name: string): Promise<string[]> =>
  objects<Member>(await channels(name, 'members', 'hideout', '--json'))
    .map(({ display, role, invited }) => `${display.split('#')[0]}:${role}${invited ? '?' : ''}`)
    .sort();
const texts = async (name: string): Promise<string[]> =>
  objects<{ text: string }>(await on(name, 'read', 'hideout', '--json')).map(({ text }) => text);

/** Again until it is so: what one node did reaches the others in a moment. */
const holds = (ask: () => Promise<boolean>): Promise<boolean> => until(ask, (answer) => answer);

beforeAll(async () => {
  network = await Network.start(['ann', 'ben', 'cat']);
}, START_MS);
afterAll(() => network.stop(), START_MS);

describe('a closed channel between processes', () => {
  it('is created, filled by invitation, talked in; and whoever is removed reads no more of it', async () => {
    expect(await channels('ann', 'create', 'hideout', '--closed', '--history', '1')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^created #hideout, closed {2}[0-9a-f-]{36}\n$/),
    });
    expect((await on('ann', 'send', 'hideout', 'before anybody')).code).toBe(0);
    expect((await on('ann', 'send', 'hideout', 'before ben')).code).toBe(0);
    for (const name of ['ben', 'cat']) {
      expect((await channels('ann', 'invite', 'hideout', await keyOf(name))).stdout).toContain('they are in when they accept');
      // Her name comes a moment after the invitation.
      await holds(async () => /^#hideout +from ann#\w{4}, as a member +\d members? /.test((await channels(name, 'invitations')).stdout));
      expect(await channels(name, 'accept', 'hideout')).toMatchObject({ code: 0, stdout: 'joined #hideout\n' });
    }
    for (const name of ['ann', 'ben', 'cat']) await holds(async () => String(await members(name)) === 'ann:owner,ben:member,cat:member');
    expect((await on('ben', 'send', 'hideout', 'ben is here')).code).toBe(0);
    for (const name of ['ann', 'cat']) await holds(async () => (await texts(name)).includes('ben is here'));
    expect(await texts('ann')).toEqual(['before anybody', 'before ben', 'ben is here']);
    expect(await texts('ben')).not.toContain('before anybody');
    // Nobody else knows that there is such a channel.
    expect((await on('hub', 'channels')).stdout).not.toContain('hideout');

    expect((await channels('ben', 'remove', 'hideout', 'cat')).code).toBe(5);
    const following = network.leave('ann', 'read', 'hideout', '--follow', '--limit', '1');
    await following.line((line) => line.includes('ben is here'));
    expect((await channels('ann', 'role', 'hideout', 'ben', 'moderator')).code).toBe(0);
    await following.line((line) => /\* You made ben#\w{4} a moderator$/.test(line));
    await following.stop();
    expect(following.lines.filter((line) => line.includes(' * '))).toHaveLength(1);
    await holds(async () => (await members('ben')).includes('ben:moderator'));
    expect((await channels('ben', 'remove', 'hideout', 'cat')).code).toBe(0);
    await holds(async () => (await channels('cat', 'list', '--joined', '--json')).stdout === '');
    const removed = /you were removed by ben#\w{4} on \d{4}-\d\d-\d\d \d\d:\d\d/;
    await holds(async () => removed.test((await channels('cat')).stdout));
    expect(await on('cat', 'read', 'hideout')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('ben is here'),
      stderr: expect.stringMatching(new RegExp(`^#hideout: ${removed.source}; this is what is kept of it\n$`)),
    });
    expect((await on('cat', 'search', 'here')).stdout).toMatch(/#hideout +ben#\w{4} +ben is here/);
    expect((await on('cat', 'search', 'here', '--channel', 'hideout')).stdout).toContain('ben is here');
    // What was changed stands among the messages, for people, and by itself for programs.
    const lines =
      /\* ann#\w{4} invited you\n.*\* You joined\n.*ben is here.*\n.*\* ann#\w{4} made ben#\w{4} a moderator\n.*\* ben#\w{4} removed you\n$/s;
    for (const command of ['read', 'export']) expect((await on('cat', command, 'hideout')).stdout).toMatch(lines);
    const [{ cursor = '' } = {}] = objects<{ cursor: string }>(await on('cat', 'read', 'hideout', '--json', '--limit', '1'));
    expect((await on('cat', 'read', 'hideout', '--limit', '1')).stdout).not.toContain('invited you');
    expect((await on('cat', 'read', 'hideout', '--before', cursor)).stdout).not.toContain('removed you');
    const { changes } = JSON.parse((await on('cat', 'export', 'hideout', '--format', 'json')).stdout) as { changes: { kind: string }[] };
    expect(changes.map(({ kind }) => kind)).toEqual(['invited', 'joined', 'role', 'removed']);
    expect((await on('cat', 'read', 'hideout', '--follow')).stderr).toMatch(removed);
    expect((await on('ann', 'send', 'hideout', 'without cat')).code).toBe(0);
    await holds(async () => (await texts('ben')).includes('without cat'));
    expect(await on('cat', 'send', 'hideout', 'but')).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('not in #hideout any more'),
    });
    expect((await on('cat', 'search', 'without', '--json')).stdout).toBe('');
    expect(await channels('cat', 'leave', 'hideout')).toMatchObject({ code: 0 });
    expect((await channels('cat')).stdout).not.toContain('removed');
    expect(await members('ann')).toEqual(['ann:owner', 'ben:moderator']);
    expect((await channels('ann', 'leave', 'hideout')).code).toBe(8);
    expect((await channels('ben', 'leave', 'hideout')).code).toBe(0);
  });

  it('has clear words for what is wrong', async () => {
    expect((await channels('ann', 'create', 'x', '--history', 'all')).code).toBe(2);
    expect((await channels('ann', 'create', 'x', '--closed', '--history', 'some')).code).toBe(2);
    expect((await channels('ann', 'invite', 'nowhere', 'ben')).code).toBe(4);
    expect((await channels('ann', 'role', 'hideout', 'ben', 'king')).code).toBe(2);
    expect((await channels('ben', 'accept', 'hideout')).code).toBe(4);
    expect((await channels('ben', 'decline', 'hideout')).code).toBe(4);
    expect(await channels('ann', 'settings', 'hideout', '--history', 'none', '--name', 'lair')).toMatchObject({
      code: 0,
      stdout: '#lair: newcomers may read nothing of the time before\n',
    });
  });

  it('of the name of another is told from it by its id, kind, members and maker', async () => {
    const ids = [await channels('ann', 'create', 'twin', '--json'), await channels('ann', 'create', 'twin', '--closed', '--json')].map(
      ({ stdout }) => (JSON.parse(stdout) as { id: string }).id,
    );
    for (const command of ['read', 'export']) await tells(await on('ann', command, 'twin'));
    for (const command of ['leave', 'members']) await tells(await channels('ann', command, 'twin'));
    await tells(await on('ann', 'send', 'twin', 'which?'));
    async function tells({ code, stderr }: Ran): Promise<void> {
      expect(code).toBe(8);
      const [what, ...which] = stderr.trimEnd().split('\n');
      expect(what).toBe('parley: several channels are called #twin: use the id');
      const key = await keyOf('ann');
      expect(which.sort()).toEqual(
        [`1 member  ${ids[0]}  of ${key}`, `1 member, closed  ${ids[1]}  of ${key}`].map((about) =>
          expect.stringMatching(new RegExp(about.replaceAll('  ', ' +'))),
        ),
      );
    }
    expect((await on('ann', 'send', ids[1] as string, 'this one')).code).toBe(0);
  });
});
