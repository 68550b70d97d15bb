import type { TabEvent } from '@parley/browser';
import { describe, expect, it } from 'vitest';
import { commands } from 'vitest/browser';
import { realTime } from '../contract/lib/time.ts';
import { start, until } from './lib/nodes.ts';
import { events, newBrowser, phase, tab } from './lib/parley.ts';
import type { NodeCommands } from './setup/commands.ts';

const connected = async (parley: ReturnType<typeof tab>): Promise<string[]> =>
  (await parley.node.status()).servers.filter(({ state }) => state === 'connected').map(({ url }) => url);

describe('a tab and a server', () => {
  it('open a link by HELLO and PROOF, and exchange messages with another node', async () => {
    const server = await start({ name: 'server', port: 0 });
    const other = await start({ name: 'bob', nodeType: 'client', connect: [server.url] });
    const parley = tab(newBrowser(), server.location);
    await parley.begin('Ann');
    const seen = events(parley);
    await until(async () => (await connected(parley)).length === 1, 'there is a link');
    const [view] = (await parley.node.status()).servers;
    expect(view).toMatchObject({ url: server.url, state: 'connected', nodeId: server.nodeId });

    await other.create('general');
    await until(async () => (await parley.node.channels()).some(({ name }) => name === 'general'), 'the channel is known');
    await parley.node.join('general');
    await until(async () => (await parley.node.members('general')).length === 2, 'both are members');
    const sent = await parley.node.send('general', 'hello from a tab');
    await until(async () => (await other.texts('general')).includes('hello from a tab'), 'it has come');
    await until(
      async () => (await parley.node.messages('general', {})).find(({ msg_id }) => msg_id === sent.msg_id)?.delivery?.state === 'delivered',
      'it is known to be delivered',
    );
    await other.send('general', 'hello from a program');
    await realTime.waitFor(
      () => seen.some((event) => event.event === 'message' && event.message.text === 'hello from a program'),
      'it has come',
    );
    const verbs = new Set(seen.flatMap((event) => (event.event === 'traffic' ? [`${event.incoming ? 'in' : 'out'} ${event.verb}`] : [])));
    expect(verbs).toContain('in MESSAGE');
    expect(verbs).toContain('out MESSAGE');
    await until(async () => (await parley.node.nodes(10)).length === 2, 'routes to both are known');
    const nodes = await parley.node.nodes(10);
    expect(nodes.map(({ hops, via, person }) => ({ hops, via, nodeId: person.node_id }))).toEqual([
      { hops: 1, via: server.nodeId, nodeId: server.nodeId },
      { hops: 2, via: server.nodeId, nodeId: other.nodeId },
    ]);
    // It takes the key of the other, which is in a certificate that is asked for now that there is a way.
    await until(async () => (await parley.node.safetyNumber(other.nodeId)) !== undefined, 'the key is known');
    expect(await parley.node.safetyNumber(other.nodeId)).toMatch(/^(\d{5} ){11}\d{5}$/);
    expect(await parley.node.safetyNumber('00000000-0000-4000-8000-000000000000')).toBeUndefined();
  });

  it('are two servers when two are known, and others when one dies; nothing is lost or repeated', async () => {
    const first = await start({ name: 'first', port: 0 });
    const second = await start({ name: 'second', port: 0, connect: [first.url] });
    const third = await start({ name: 'third', port: 0, connect: [first.url, second.url] });
    const other = await start({ name: 'bob', nodeType: 'client', connect: [second.url, third.url] });
    const parley = tab(newBrowser(), first.location);
    await parley.begin('Ann');
    await parley.node.setServers([second.url, third.url]);
    await until(async () => (await connected(parley)).length === 2, 'there are two links');
    expect(await connected(parley)).toEqual([first.url, second.url]);
    expect((await parley.node.status()).servers.map(({ state }) => state)).toEqual(['connected', 'connected', 'idle']);

    await other.create('general');
    await until(async () => (await parley.node.channels()).length === 1, 'the channel is known');
    await parley.node.join('general');
    await until(async () => (await parley.node.members('general')).length === 2, 'both are members');
    const texts = Array.from({ length: 30 }, (_, i) => `message ${i}`);
    for (const [i, text] of texts.entries()) {
      await parley.node.send('general', text);
      if (i === 10) await first.stop();
    }
    await until(async () => (await other.texts('general')).length >= texts.length, 'all have come');
    expect(await other.texts('general')).toEqual(texts);
    await until(async () => (await connected(parley)).length === 2, 'there are two links again');
    expect(await connected(parley)).toEqual([second.url, third.url]);
    const failed = (await parley.node.status()).servers.find(({ url }) => url === first.url);
    expect(failed?.error).toMatch(/./);
  });

  it('are told when their clocks differ', async () => {
    const server = await start({ name: 'server', port: 0, skewMs: 24 * 3600_000 });
    const parley = tab(newBrowser(), server.location);
    await parley.begin('Ann');
    await until(async () => (await parley.node.status()).clockSkewMs !== undefined, 'the difference is told');
    expect(Math.round(((await parley.node.status()).clockSkewMs ?? 0) / 3600_000)).toBe(24);
  });

  it('meet again when the server comes back, and what was written meanwhile arrives', async () => {
    const server = await start({ name: 'server', port: 0, seed: 90 });
    const port = Number(server.address.split(':')[1]);
    const name = newBrowser();
    const parley = tab(name, server.location);
    await parley.begin('Ann');
    await until(async () => (await connected(parley)).length === 1, 'there is a link');
    await parley.node.create('general');
    const other = await start({ name: 'bob', nodeType: 'client', connect: [server.url], seed: 91 });
    await until(async () => (await other.channelNames()).includes('general'), 'the channel is known');
    await other.join('general');
    await until(async () => (await parley.node.members('general')).length === 2, 'both are members');
    await server.stop();
    await until(async () => (await connected(parley)).length === 0, 'the link is gone');
    await parley.node.send('general', 'written offline');
    await parley.close();
    await start({ name: 'server', port, seed: 90 });
    const again = tab(name, server.location);
    await phase(again, 'running');
    await until(async () => (await other.texts('general')).includes('written offline'), 'it has come');
    await again.node.send('general', 'and more');
    await until(async () => (await other.texts('general')).length === 2, 'both have come, once');
    expect(await other.texts('general')).toEqual(['written offline', 'and more']);
  });
});

describe('what pretends to be a server', () => {
  it.each(['handed on', 'another id', 'said again'] as const)(
    'gets no link, and the page says what it did not prove: words %s',
    async (pretence) => {
      const server = await start({ name: 'server', port: 0 });
      const host = await (commands as unknown as NodeCommands).startPretender(server.url, pretence);
      const parley = tab(newBrowser(), { protocol: 'http:', host });
      await parley.begin('Ann');
      await until(async () => (await parley.node.status()).servers[0]?.unproved === true, 'it is seen through');
      const { links, servers } = await parley.node.status();
      expect(links).toEqual([]);
      expect(servers[0]).toMatchObject({ state: 'waiting', error: expect.stringMatching(/proof of the key|node id does not match/) });
      // The server itself is reached as well as ever.
      await parley.node.setServers([server.url]);
      await until(async () => (await connected(parley)).length === 1, 'there is a link');
    },
  );
});

describe('what is no server', () => {
  it.each([
    ['', 'bad-argument'],
    ['ws://example.org/link', 'bad-argument'],
    ['https://user:password@example.org', 'bad-argument'],
    ['ftp://example.org', 'bad-argument'],
  ])('is refused: %j', async (url, code) => {
    const parley = tab(newBrowser());
    await parley.begin('Ann');
    await expect(parley.node.setServers([url])).rejects.toMatchObject({ code });
  });

  it('is shown with why it cannot be reached', async () => {
    const parley = tab(newBrowser());
    const told: TabEvent[] = events(parley);
    await parley.begin('Ann');
    await until(async () => (await parley.node.status()).servers[0]?.state === 'waiting', 'the attempt has failed');
    expect((await parley.node.status()).servers[0]?.error).toContain('nobody answers there');
    expect(told.some(({ event }) => event === 'status')).toBe(true);
  });
});
