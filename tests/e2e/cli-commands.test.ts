import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Network, objects, parleyProcess, type Ran, START_MS, start, until } from './lib/cli.ts';

interface Message {
  readonly msg_id: string;
  readonly text: string;
  readonly own: boolean;
  readonly cursor: string;
  readonly sender: { readonly name?: string; readonly display: string };
  readonly delivery?: { readonly state: string; readonly recipients: readonly unknown[] };
}
interface Channel {
  readonly id: string;
  readonly name: string;
  readonly joined: boolean;
}

let network: Network;
const on = (name: string, ...args: string[]): Promise<Ran> => network.run(name, ...args);
const texts = (ran: Ran): string[] => objects<Message>(ran).map(({ text }) => text);

beforeAll(async () => {
  network = await Network.start(['ann', 'ben']);
  await on('ann', 'channels', 'create', 'garden');
  await until(
    () => on('ben', 'channels', '--json'),
    (ran) => objects<Channel>(ran).some(({ name }) => name === 'garden'),
  );
  await on('ben', 'channels', 'join', 'garden');
  // Once one message was delivered, each knows that the other is there.
  await on('ann', 'send', 'garden', 'first', '--wait', 'delivered');
  // Her name is in her certificate, which ben's node fetches meanwhile.
  await until(
    () => on('ben', 'read', 'garden', '--json'),
    (ran) => objects<Message>(ran).at(-1)?.sender.name === 'ann',
  );
}, START_MS);
afterAll(() => network.stop(), START_MS);

describe('server', () => {
  it('opens no door that it is told not to', async () => {
    const off = ['--http', 'off', '--udp', 'off', '--lan', 'off'];
    const server = start(['server', '--data', network.data('bare'), '--tls', '127.0.0.1:0', ...off, '--json']);
    const ready = JSON.parse(await server.line((line) => line.includes('"ready"')));
    expect(Object.keys(ready).sort()).toEqual(['event', 'key', 'node_id', 'tls']);
    expect(await server.stop()).toBe(0);
  });
});

describe('route and find', () => {
  const idOf = async (name: string): Promise<{ readonly node_id: string; readonly key: string }> =>
    JSON.parse((await on(name, 'status', '--json')).stdout);

  it('tell the way to somebody, by node id and by key, and why', async () => {
    const ben = await idOf('ben');
    const hub = await idOf('hub');
    const ran = await on('ann', 'route', ben.node_id, '--json');
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    const [best] = JSON.parse(ran.stdout).paths;
    expect(best).toMatchObject({ next: { node_id: hub.node_id }, hops: 2, guessed: false, chosen: true });
    // By the record, once that is there.
    expect(['attached', 'routing']).toContain(best.kind);
    expect(best.why).toContain('tried first');
    const shown = await on('ann', 'route', ben.key);
    expect(shown.stdout).toContain(ben.node_id);
    expect(shown.stdout).toMatch(/● by hub#\w{4} +2 hops +\S+ ms +100 % reliable +cost [\d.]+/);
    expect((await on('ann', 'route', hub.node_id)).stdout).toMatch(/● the link to it +1 hop /);
  });

  it('have an exit code of their own for whom nobody knows, and for what is no key', async () => {
    const nobody = 'key_EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE';
    for (const command of ['find', 'route']) {
      expect(await on('ann', command, 'ben')).toMatchObject({ code: 4, stdout: '', stderr: expect.stringContaining('no contact ben') });
      expect(await on('ann', command, 'key_x')).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('neither a key id') });
    }
    expect(await on('ann', 'find', nobody)).toMatchObject({ code: 4, stdout: '' });
    expect(JSON.parse((await on('ann', 'find', nobody, '--json')).stderr)).toMatchObject({ error: { code: 'not-found' } });
  });
});

describe('ready', () => {
  it('is told by one line of JSON, with what was bound', () => {
    const [line = ''] = network.process('hub').lines;
    expect(JSON.parse(line)).toEqual({
      event: 'ready',
      node_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      key: expect.stringMatching(/^key_/),
      tls: expect.stringMatching(/^127\.0\.0\.1:[1-9]\d*$/),
      http: expect.stringMatching(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/),
    });
  });
});

describe('status and id', () => {
  it('tell who the node is and what it does', async () => {
    const [status] = objects(await network.spawn('ann', 'status', '--json'));
    expect(status).toMatchObject({
      name: 'ann',
      node_type: 'client',
      channels: 1,
      links: [{ peer: { name: 'hub' }, node_type: 'server' }],
    });
    const text = await on('ann', 'status');
    expect(text.stdout).toContain('hub#');
    expect(text.stdout).toContain(String(status?.node_id));
    const [id] = objects(await on('ann', 'id', '--json'));
    expect(id).toMatchObject({ node_id: status?.node_id, key: status?.key, name: 'ann' });
  });
});

describe('channels', () => {
  it('are listed, joined and left', async () => {
    const [garden] = objects<Channel>(await on('ben', 'channels', 'list', '--json'));
    expect(garden).toMatchObject({ name: 'garden', joined: true });
    expect((await on('ben', 'channels')).stdout).toMatch(/● #garden {2}2 members/);

    const [made] = objects<Channel>(await on('ben', 'channels', 'create', 'attic', '--json'));
    expect(made).toMatchObject({ name: 'attic', joined: true });
    const [left] = objects<Channel>(await on('ben', 'channels', 'leave', 'attic', '--json'));
    expect(left).toMatchObject({ name: 'attic', joined: false });
    expect(objects<Channel>(await on('ben', 'channels', '--joined', '--json')).map(({ name }) => name)).toEqual(['garden']);
    expect((await on('ben', 'channels', 'join', made?.id ?? '')).stdout).toBe('joined #attic\n');
    expect((await on('ben', 'channels', 'leave', '#attic')).stdout).toBe('left #attic\n');
  });

  it.each([
    ['joining', ['channels', 'join', 'nowhere'], 4, 'not-found'],
    ['leaving', ['channels', 'leave', 'nowhere'], 4, 'not-found'],
    ['reading', ['read', 'nowhere'], 4, 'not-found'],
    ['sending to', ['send', 'nowhere', 'x'], 4, 'not-found'],
    ['making', ['channels', 'create', 'two words'], 2, 'bad-argument'],
    ['sending too much to', ['send', 'garden', 'x'.repeat(70_000)], 2, 'too-large'],
  ])('%s one that cannot be fails by its code', async (_, args, code, name) => {
    const text = await on('ann', ...args);
    expect([text.code, text.stdout, text.stderr.trim().split('\n').length]).toEqual([code, '', 1]);
    const json = await on('ann', ...args, '--json');
    expect([json.code, JSON.parse(json.stderr)]).toEqual([code, { error: { code: name, message: expect.any(String) } }]);
  });

  it('are not written to by those who left', async () => {
    await on('ann', 'channels', 'create', 'cellar');
    await on('ann', 'channels', 'leave', 'cellar');
    const refused = await network.spawn('ann', 'send', 'cellar', 'x', '--json');
    expect([refused.code, JSON.parse(refused.stderr)]).toMatchObject([5, { error: { code: 'not-member' } }]);
    expect((await on('ann', 'read', 'cellar', '--follow')).code).toBe(5);
  });
});

describe('messages', () => {
  it('to a channel where nobody else is are kept, and it is said that nobody got them', async () => {
    await on('ann', 'channels', 'create', 'shed');
    // It ends at once, not when its time is up.
    const wait = ['--wait', 'delivered', '--timeout', '3600'];
    const sent = await on('ann', 'send', 'shed', 'hello?', ...wait);
    expect(sent).toMatchObject({ code: 0, stderr: 'nobody else is in #shed: whoever joins will find the message\n' });
    expect(sent.stdout).not.toContain('delivered');
    const json = await on('ann', 'send', 'shed', 'hello?', ...wait, '--json');
    expect(json).toMatchObject({ code: 0, stderr: '' });
    expect(objects(json)).toMatchObject([{ alone: true, delivery: { recipients: [] } }]);
    expect(objects(await on('ann', 'send', 'garden', 'hello!', '--wait', 'delivered', '--json'))[0]).not.toHaveProperty('alone');
  });

  it('are sent, delivered, read and found', async () => {
    const sent = await on('ann', 'send', 'garden', 'The', 'beans are up.', '--wait', 'delivered', '--json');
    expect(sent).toMatchObject({ code: 0, stderr: '' });
    const [message] = objects<Message>(sent);
    expect(message).toMatchObject({
      text: 'The beans are up.',
      own: true,
      delivery: { state: 'delivered', recipients: [{ state: 'delivered' }] },
    });

    const read = objects<Message>(await on('ben', 'read', 'garden', '--json'));
    expect(read.at(-1)).toMatchObject({ msg_id: message?.msg_id, text: 'The beans are up.', own: false, sender: { name: 'ann' } });
    expect((await on('ben', 'read', 'garden')).stdout).toMatch(/\d\d:\d\d {2}ann#[0-9a-f]{4} {2}The beans are up\.\n$/);

    const found = objects<Message>(await on('ben', 'search', 'BEANS', '--json'));
    expect(found.map(({ msg_id }) => msg_id)).toEqual([message?.msg_id]);
    expect((await on('ben', 'search', 'beans', '--channel', 'garden')).stdout).toContain('The beans are up.');
    expect(await on('ben', 'search', 'zebra')).toMatchObject({ code: 0, stdout: '', stderr: 'nothing found\n' });
  });

  it('are not searched for nothing', async () => {
    for (const words of ['', '  ']) {
      const { code, stderr } = await on('ann', 'search', words);
      expect([code, stderr]).toEqual([2, 'parley: say which words to search for (see --help)\n']);
    }
  });

  it('answer others, and say which', async () => {
    const [question] = objects<Message>(await on('ann', 'send', 'garden', 'who waters them?', '--wait', 'delivered', '--json'));
    await on('ben', 'send', 'garden', 'I do', '--reply-to', question?.msg_id ?? '', '--wait', 'delivered');
    const read = (await on('ann', 'read', 'garden', '--limit', '2')).stdout;
    expect(read).toMatch(/ {2}I do\n {4}in reply to ann#[0-9a-f]{4}: who waters them\?\n$/);
    expect((await on('ann', 'read', 'garden', '--limit', '1')).stdout).toContain(`in reply to the message ${question?.msg_id}`);
    expect((await on('ann', 'send', 'garden', 'x', '--reply-to', 'that')).code).toBe(2);
  });

  it('come from standard input, and keep their lines', async () => {
    const sent = await network.run('ben', 'send', 'garden', '-', '--wait', 'sent', '--json');
    expect(sent.code).toBe(2);
    const piped = await parleyProcess(['send', 'garden', '--data', network.data('ben'), '--wait', 'delivered', '--json'], 'one\ntwo\n');
    expect(texts(piped)).toEqual(['one\ntwo']);
    const shown = (await on('ann', 'read', 'garden', '--limit', '1')).stdout;
    expect(shown).toMatch(/ {2}one\n {4}two\n$/);
  });

  it('are safe to print, whatever is in them', async () => {
    await on('ben', 'send', 'garden', 'a\u202ebc \u{1f468}\u200d\u{1f469}', '--wait', 'delivered');
    const text = (await on('ann', 'read', 'garden', '--limit', '1')).stdout;
    expect(text).toContain('a\ufffdbc \u{1f468}\u{1f469}');
    const json = await on('ann', 'read', 'garden', '--limit', '1', '--json');
    expect(json.stdout).not.toContain('\u202e');
    expect(texts(json)).toEqual(['a\u202ebc \u{1f468}\u200d\u{1f469}']);
  });

  it('are read by pages', async () => {
    for (const text of ['p1', 'p2', 'p3']) await on('ann', 'send', 'garden', text);
    const last = objects<Message>(await on('ann', 'read', 'garden', '--limit', '2', '--json'));
    expect(last.map(({ text }) => text)).toEqual(['p2', 'p3']);
    const before = await on('ann', 'read', 'garden', '--limit', '1', '--before', last[0]?.cursor ?? '', '--json');
    expect(texts(before)).toEqual(['p1']);
    expect((await on('ann', 'read', 'garden', '--limit', '0')).stdout).toBe('');
  });

  it('to somebody who is away wait at another node, and a wait for delivery ends in time', async () => {
    await network.process('ben').stop();
    const stored = await network.spawn('ann', 'send', 'garden', 'for later', '--wait', 'stored', '--json');
    expect(stored.code).toBe(0);
    expect(objects<Message>(stored)[0]?.delivery?.state).toBe('stored');
    const late = await network.spawn('ann', 'send', 'garden', 'for later too', '--wait', 'delivered', '--timeout', '0.5', '--json');
    expect([late.code, JSON.parse(late.stderr)]).toMatchObject([
      6,
      { error: { code: 'timeout', data: { msg_id: objects<Message>(late)[0]?.msg_id } } },
    ]);
    await network.startNode('ben');
    const read = await until(
      () => on('ben', 'read', 'garden', '--limit', '2', '--json'),
      (ran) => texts(ran).includes('for later too'),
    );
    expect(texts(read)).toEqual(['for later', 'for later too']);
  });
});

describe('files', () => {
  it('are attached to a message, listed, and saved by somebody else, never over what is there', async () => {
    const file = join(network.directory, 'beans.txt');
    await writeFile(file, 'The beans are up.');
    const sent = await on('ann', 'send', 'garden', '--file', file, '--wait', 'delivered', '--json');
    expect(sent).toMatchObject({ code: 0, stderr: '' });
    const [message] = objects<Message>(sent);
    expect((await on('ben', 'read', 'garden', '--limit', '1')).stdout).toContain('[0] beans.txt (text/plain, 17 bytes)');
    const [listed] = objects(await on('ben', 'files', 'list', 'garden', '--json'));
    expect(listed).toMatchObject({ msg_id: message?.msg_id, name: 'beans.txt', state: 'here', show: true });
    const to = join(network.directory, 'saved.txt');
    const get = () => on('ben', 'files', 'get', 'garden', message?.msg_id ?? '', '--output', to);
    expect(await get()).toMatchObject({ code: 0, stdout: `${to}: 17 bytes\n` });
    expect(await readFile(to, 'utf8')).toBe('The beans are up.');
    expect(await get()).toMatchObject({ code: 8, stderr: expect.stringContaining('there already') });
    expect((await on('ben', 'files', 'get', 'garden', message?.msg_id ?? '', '1')).code).toBe(4);
    expect((await on('ann', 'send', 'garden', '--file', join(network.directory, 'no such'))).code).toBe(4);
  });
});

describe('a data directory', () => {
  it('serves one node at a time', async () => {
    const second = await network.spawn('ann', 'node', '--json');
    expect([second.code, JSON.parse(second.stderr.trim().split('\n').at(-1) ?? '')]).toMatchObject([8, { error: { code: 'in-use' } }]);
  });
});
