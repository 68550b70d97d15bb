import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Lab, meet, texts, until } from './host-lab.ts';

let lab: Lab;
beforeEach(() => {
  lab = new Lab();
});
afterEach(() => lab.close());

/** A server and two clients that are linked to it, each a process. */
async function threeNodes() {
  const server = await lab.spawn({ data: lab.dir('server'), nodeType: 'server', name: 'hub', tls: '127.0.0.1:0' });
  const connect = [server.ready.tls ?? ''];
  const ann = await lab.spawn({ data: lab.dir('ann'), nodeType: 'client', name: 'ann', connect });
  const ben = await lab.spawn({ data: lab.dir('ben'), nodeType: 'client', name: 'ben', connect });
  for (const { client } of [ann, ben]) await until(async () => (await client.status()).links.length === 1, 'a link is up');
  return { server, ann, ben, connect };
}

describe('nodes as processes', () => {
  it('exchange messages through a server, and keep them over a restart', async () => {
    const { server, ann, ben, connect } = await threeNodes();
    expect(server.ready).toEqual({
      event: 'ready',
      node_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      key: expect.stringMatching(/^key_/),
      tls: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    });
    await meet('lobby', ann.client, ben.client);
    await ann.client.send('lobby', 'good morning');
    expect(await texts(ben.client, 'lobby', 1)).toEqual(['good morning']);
    await ben.client.send('lobby', 'good morning to you');
    expect(await texts(ann.client, 'lobby', 2)).toEqual(['good morning', 'good morning to you']);
    const [first, second] = await ann.client.messages('lobby');
    expect(first).toMatchObject({ own: true, seq: 1, sender: { name: 'ann' } });
    expect(second).toMatchObject({ own: false, seq: 1, sender: { name: 'ben', present: true }, via: [server.ready.node_id] });
    const mark = await until(async () => {
      const [message] = await ann.client.messages('lobby', { limit: 500 });
      return message?.delivery?.state === 'delivered' && message.delivery;
    }, 'the receipt is there');
    expect(mark.recipients).toMatchObject([{ node_id: ben.ready.node_id, state: 'delivered' }]);

    expect(await ben.end('SIGTERM')).toBe(0);
    const again = await lab.spawn({ data: lab.dir('ben'), nodeType: 'client', connect });
    expect(again.ready.node_id).toBe(ben.ready.node_id);
    expect(await texts(again.client, 'lobby', 2)).toEqual(['good morning', 'good morning to you']);
    expect((await again.client.search('morning')).map(({ text }) => text)).toEqual(['good morning to you', 'good morning']);
    await ann.client.send('lobby', 'welcome back');
    expect(await texts(again.client, 'lobby', 3)).toEqual(['good morning', 'good morning to you', 'welcome back']);
  });

  it('end cleanly on SIGTERM and SIGINT, saying goodbye', async () => {
    const { server, ann, ben } = await threeNodes();
    expect(statSync(join(lab.dir('ann'), 'api.json')).mode & 0o777).toBe(0o600);
    // A stop that takes over four seconds ends with 1.
    expect(await ann.end('SIGTERM')).toBe(0);
    expect(await ben.end('SIGINT')).toBe(0);
    expect(existsSync(join(lab.dir('ann'), 'api.json'))).toBe(false);
    expect(existsSync(join(lab.dir('ann'), 'node.pid'))).toBe(false);
    await until(() => server.log().split('other side: going away').length === 3, 'the server heard both goodbyes');
    await server.client.stop();
    expect(await server.ended).toBe(0);
  });

  it('end at once on a second signal', async () => {
    const server = await lab.spawn({ data: lab.dir('server'), nodeType: 'server', tls: '127.0.0.1:0' });
    server.child.kill('SIGTERM');
    expect([130, 143]).toContain(await server.end('SIGINT'));
    // Nothing is in the way of the next start.
    const again = await lab.spawn({ data: lab.dir('server'), nodeType: 'server', tls: '127.0.0.1:0' });
    expect(again.ready.node_id).toBe(server.ready.node_id);
  });

  it('store for one who is away, and deliver after the server was killed', async () => {
    const { server, ann, ben, connect } = await threeNodes();
    await meet('lobby', ann.client, ben.client);
    await ann.client.send('lobby', 'first');
    await texts(ben.client, 'lobby', 1);
    expect(await ben.end('SIGKILL')).toBe('SIGKILL');
    await until(async () => (await server.client.status()).links.length === 1, 'the server has noticed');
    await until(async () => (await ann.client.members('lobby')).some(({ present }) => !present), 'Ann has noticed');
    for (const text of ['second', 'third']) await ann.client.send('lobby', text);
    await until(async () => {
      const messages = await ann.client.messages('lobby');
      // The first may be stored too: Ben may have been killed before he said that he has it.
      return messages.every(({ text, delivery }) => text === 'first' || delivery?.state === 'stored');
    }, 'both are stored');
    expect(await ann.end('SIGKILL')).toBe('SIGKILL');
    expect(await server.end('SIGKILL')).toBe('SIGKILL');

    const tls = server.ready.tls ?? '';
    const back = await lab.spawn({ data: lab.dir('server'), nodeType: 'server', tls });
    // At least: that the first was delivered may not have been noted before the end.
    expect((await back.client.status()).stored_messages).toBeGreaterThanOrEqual(2);
    const again = await lab.spawn({ data: lab.dir('ben'), nodeType: 'client', connect });
    expect(await texts(again.client, 'lobby', 3)).toEqual(['first', 'second', 'third']);
    // One may be left: Ben's question for Ann's certificate, which he repeats when he was killed before he noted that it had arrived.
    await until(async () => (await back.client.status()).stored_messages <= 1, 'the server is free of them');
    expect(await texts(again.client, 'lobby', 3)).toHaveLength(3);
  });
});
