import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Network, objects, type Ran, START_MS, until } from './lib/cli.ts';

interface Message {
  readonly text: string;
  readonly channel: string;
  readonly channel_kind?: string;
  readonly delivery?: { readonly state: string };
}

interface Circuits {
  readonly standing: readonly { readonly to?: { readonly display: string }; readonly hops: readonly { readonly node_id: string }[] }[];
  readonly trouble?: string;
}

let network: Network;
const on = (name: string, ...args: string[]): Promise<Ran> => network.run(name, ...args);

/** Again until it is so: what one node did reaches the other in a moment. */
beforeAll(async () => {
  network = await Network.start(['ann', 'ben']);
  await on('ann', 'contacts', 'add', (await on('ben', 'contacts', 'link')).stdout.trim());
  await until(
    () => on('ben', 'contacts', 'accept', 'ann'),
    ({ code }) => code === 0,
  );
  await until(
    () => on('ann', 'channels', '--json'),
    // It is there a moment before it can be written to.
    (ran) => objects<{ kind?: string; joined: boolean }>(ran).some(({ kind, joined }) => kind === 'direct' && joined),
  );
}, START_MS);
afterAll(() => network.stop(), START_MS);

describe('@NAME', () => {
  it('is the conversation with a contact: sent, delivered, read, searched', async () => {
    const sent = await on('ann', 'send', '@ben', 'only', 'for', 'you', '--wait', 'delivered', '--json');
    expect(sent).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(sent.stdout)).toMatchObject({ channel: 'ben', channel_kind: 'direct', delivery: { state: 'delivered' } });
    expect(objects<Message>(await on('ben', 'read', '@ann', '--json'))).toMatchObject([{ text: 'only for you', channel: 'ann' }]);
    const answer = await on('ben', 'send', '@ann', 'and for you', '--wait', 'delivered');
    expect(answer).toMatchObject({ code: 0, stdout: expect.stringMatching(/^@ann: delivered/) });
    expect((await on('ann', 'read', '@ben')).stdout).toMatch(/only for you {2}\S+\n.*and for you\n$/);
    expect((await on('ann', 'search', 'only')).stdout).toContain('@ben');
    expect((await on('ann', 'channels')).stdout).toMatch(/@ben +2 members/);
  });

  it('lets messages disappear after a time that either sets; read marks can be turned off', async () => {
    expect((await on('ben', 'channels', 'timer', '@ann', '1h')).stdout).toMatch(/^@ann: messages disappear after 1 hour, as ben/);
    await until(
      () => on('ann', 'channels', 'timer', '@ben', '--json'),
      ({ stdout }) => stdout.includes('"seconds":3600'),
    );
    const sent = await on('ann', 'send', '@ben', 'for', 'an', 'hour', '--json');
    expect(JSON.parse(sent.stdout).expires).toMatch(/Z$/);
    expect((await on('ann', 'channels', 'timer', '@ben', 'off')).stdout).toBe('@ben: messages stay\n');
    expect((await on('ann', 'channels', 'timer', '@ben', '5s')).code).toBe(2);
    expect((await on('ann', 'settings', 'set', 'read_marks', 'off')).stdout).toMatch(
      /^read_marks off +nobody sees what you have read, and you do not see what others have\n$/,
    );
    expect(JSON.parse((await on('ann', 'settings', '--json')).stdout)).toEqual({
      read_marks: false,
      typing: true,
      presence: true,
      direct: true,
      circuits: 0,
    });
  });

  it('goes by circuit, or waits and says why', async () => {
    const circuits = async () => JSON.parse((await on('ann', 'status', '--json')).stdout).circuits as Circuits;
    expect((await on('ann', 'settings', 'set', 'circuits', '4')).code).toBe(2);
    for (const name of ['ann', 'ben']) expect((await on(name, 'settings', 'set', 'circuits', '2')).stdout).toMatch(/^circuits +2 /);
    const { msg_id: msgId } = JSON.parse((await on('ann', 'send', '@ben', 'hidden', '--json')).stdout) as { msg_id: string };
    await until(circuits, ({ trouble }) => trouble?.startsWith('fewer than 2 servers') === true);
    expect((await on('ann', 'status')).stdout).toMatch(/0 circuits over 2 servers\n.*fewer than 2/);
    const waits = objects<Message & { msg_id: string }>(await on('ann', 'read', '@ben', '--json')).find(({ msg_id }) => msg_id === msgId);
    expect(waits?.delivery?.state).toBe('sending');
    // A second server comes.
    await network.startServer('second');
    for (const name of ['ann', 'ben']) await on(name, 'settings', 'set', 'circuits', '1');
    await until(
      () => on('ben', 'read', '@ann', '--json'),
      (ran) => objects<Message>(ran).some(({ text }) => text === 'hidden'),
    );
    for (const name of ['ann', 'ben']) await on(name, 'settings', 'set', 'circuits', '2');
    const sent = await on('ann', 'send', '@ben', 'hidden', 'better', '--wait', 'delivered');
    expect(sent).toMatchObject({ code: 0, stdout: expect.stringMatching(/^@ben: delivered/) });
    const { standing } = await until(circuits, ({ standing: some }) => some.some(({ to }) => to?.display.startsWith('ben')));
    const ids = await Promise.all(['hub', 'second'].map(async (name) => JSON.parse((await on(name, 'status', '--json')).stdout).node_id));
    expect(standing.find(({ to }) => to)?.hops.map(({ node_id }) => node_id)).toEqual(ids);
    for (const name of ['ann', 'ben']) expect((await on(name, 'settings', 'set', 'circuits', 'off')).stdout).toMatch(/^circuits +off/);
  });

  it('keeps what is said while the other is away, over restarts of both', async () => {
    await network.process('ben').stop();
    for (const text of ['one', 'two', 'three']) expect((await on('ann', 'send', '@ben', text)).code).toBe(0);
    await network.process('ann').stop();
    await network.startNode('ann');
    await network.startNode('ben');
    const read = await until(
      () => on('ben', 'read', '@ann', '--json'),
      (ran) => objects<Message>(ran).length >= 8,
    );
    expect(objects<Message>(read).map(({ text }) => text)).toEqual([
      'only for you',
      'and for you',
      'for an hour',
      'hidden',
      'hidden better',
      'one',
      'two',
      'three',
    ]);
  });

  it('has exit codes of its own for whom it does not know, and for who has not accepted', async () => {
    expect((await on('ann', 'send', '@nobody', 'x')).code).toBe(4);
    expect((await on('ann', 'read', '@nobody')).code).toBe(4);
    const hub = JSON.parse((await on('hub', 'status', '--json')).stdout).key as string;
    await on('ann', 'contacts', 'add', hub, '--alias', 'Hub');
    expect((await on('ann', 'send', '@Hub', 'x')).code).toBe(5);
    expect((await on('ann', 'read', '@Hub')).code).toBe(5);
  });
});
