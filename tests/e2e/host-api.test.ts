import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { ChannelView, type Log, MessageView, PersonList, StatusView, silentLog, validator } from '@parley/core';
import { readApiAddress } from '@parley/host';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Lab, listen, meet, until } from './host-lab.ts';
import { ask } from './lib/ask.ts';

let lab: Lab;
beforeEach(() => {
  lab = new Lab();
});
afterEach(() => lab.close());

const DATA = 'ann';
const ann = () => lab.start({ data: lab.dir(DATA), nodeType: 'client', name: 'ann' });

describe('who may use the local API', () => {
  it('is who has the token, from no page in a browser, by its own address', async () => {
    await ann();
    const { url, token } = await readApiAddress(lab.dir(DATA));
    const { host } = new URL(url);
    const bearer = { authorization: `Bearer ${token}` };
    const status = async (headers: Record<string, string>) => (await ask(`${url}/v1/status`, headers)).status;
    expect(await status({ ...bearer, host })).toBe(200);
    expect(await status({ ...bearer, host: host.replace('127.0.0.1', 'localhost') })).toBe(200);
    expect(await status({ host })).toBe(401);
    expect(await status({ host, authorization: `Bearer ${token}x` })).toBe(401);
    expect(await status({ host, authorization: `Basic ${token}` })).toBe(401);
    expect(await status({ ...bearer, host: 'example.org' })).toBe(403);
    expect(await status({ ...bearer, host: '127.0.0.1' })).toBe(403);
    expect(await status({ ...bearer, host, origin: url })).toBe(403);
    expect(await status({ ...bearer, host, origin: 'null' })).toBe(403);
    expect((await ask(`${url}/nothing`, { host })).status).toBe(401);
    const denied = await ask(`${url}/v1/status`, { host });
    expect(JSON.parse(denied.body)).toEqual({ error: { code: 'refused', message: expect.stringContaining('token') } });
    expect(denied.body).not.toContain(token);
  });

  it('holds for events too', async () => {
    await ann();
    const { url, token } = await readApiAddress(lab.dir(DATA));
    const upgrade = (headers: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const { hostname, port } = new URL(url);
        const socket = connect(Number(port), hostname, () => {
          const key = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==';
          socket.write(
            `GET /v1/events HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${key}\r\n${headers}\r\n`,
          );
        });
        socket.on('error', reject);
        socket.once('data', (data) => {
          resolve(String(data).split('\r\n')[0] ?? '');
          socket.destroy();
        });
      });
    expect(await upgrade(`Authorization: Bearer ${token}\r\n`)).toBe('HTTP/1.1 101 Switching Protocols');
    expect(await upgrade('')).toBe('HTTP/1.1 401 Unauthorized');
    expect(await upgrade(`Authorization: Bearer ${token}\r\nOrigin: ${url}\r\n`)).toBe('HTTP/1.1 403 Forbidden');
  });
});

describe('the local API', () => {
  it('answers what it declares', async () => {
    const { client, host } = await ann();
    const status = await client.status();
    expect(validator(StatusView).explain(status)).toBe('fits');
    expect(status).toMatchObject({ node_id: host.node.identity.nodeId, name: 'ann', node_type: 'client', links: [], channels: 0 });
    const channel = await client.create('#garden');
    expect(validator(ChannelView).explain(channel)).toBe('fits');
    expect(channel).toMatchObject({ name: 'garden', joined: true, members: 1, owner: host.node.identity.keyId });
    const sent = await client.send('garden', 'The beans are up.');
    expect(validator(MessageView).explain(sent)).toBe('fits');
    expect(sent).toMatchObject({ own: true, seq: 1, channel: 'garden', channel_id: channel.id, text: 'The beans are up.' });
    const members = await client.members(channel.id);
    expect(validator(PersonList).explain({ members })).toBe('fits');
    expect(members).toEqual([sent.sender]);
    expect(await client.messages('garden')).toEqual([sent]);
    expect(await client.search('bean')).toEqual([sent]);
    await client.leave('garden');
    expect(await client.channels()).toMatchObject([{ id: channel.id, joined: false }]);
    expect(await client.join('garden')).toMatchObject({ id: channel.id, joined: true });
  });

  it('gives history in pages', async () => {
    const { client } = await ann();
    await client.create('garden');
    const sent = [];
    for (let i = 1; i <= 7; i++) sent.push(await client.send('garden', `message ${i}`));
    const cursors = (messages: { cursor: string }[]) => messages.map(({ cursor }) => cursor);
    const all = cursors(sent);
    expect(cursors(await client.messages('garden', { limit: 3 }))).toEqual(all.slice(4));
    expect(cursors(await client.messages('garden', { limit: 3, before: all[4] }))).toEqual(all.slice(1, 4));
    expect(cursors(await client.messages('garden', { limit: 3, after: all[0] }))).toEqual(all.slice(1, 4));
    expect(cursors(await client.search('message', { limit: 2 }))).toEqual(all.slice(5).reverse());
    await expect(client.messages('garden', { limit: 501 })).rejects.toMatchObject({ code: 'bad-argument' });
  });

  it('sends a message with an id once, and takes replies and read marks', async () => {
    const { client } = await ann();
    const { id } = await client.create('garden');
    const msg_id = '6f1c3c0a-5b7e-4a54-9d0e-2b1f6a7c8d90';
    const sent = await client.send('garden', 'once', { msg_id });
    expect(sent).toMatchObject({ msg_id, seq: 1 });
    expect(await client.send('garden', 'once', { msg_id })).toMatchObject({ msg_id, cursor: sent.cursor });
    await expect(client.send('garden', 'twice', { msg_id })).rejects.toMatchObject({ code: 'conflict' });
    await expect(client.send('garden', 'x', { msg_id: 'mine' })).rejects.toMatchObject({ code: 'bad-argument' });
    const reply = await client.send('garden', 'to myself', { reply_to: msg_id });
    expect(validator(MessageView).explain(reply)).toBe('fits');
    expect((await client.messages('garden')).map(({ reply_to }) => reply_to)).toEqual([undefined, msg_id]);
    await client.markRead('garden', reply.cursor);
    await expect(client.markRead('garden', 'nowhere')).rejects.toMatchObject({ code: 'bad-argument' });
    await expect(client.markRead('cellar', reply.cursor)).rejects.toMatchObject({ code: 'not-found' });
    expect(await client.channels()).toMatchObject([{ id, unread: 0 }]);
  });

  it('takes the cursor of a message where it takes its id', async () => {
    const { client } = await ann();
    const content = Buffer.from('green').toString('base64');
    const { cursor } = await client.send(await client.create('garden').then(({ id }) => id), 'peas', {
      attachments: [{ name: 'peas.txt', content }],
    });
    const pieces: Uint8Array[] = [];
    for await (const piece of await client.attachment('garden', cursor, 0)) pieces.push(piece);
    expect(Buffer.concat(pieces).toString()).toBe('green');
    expect(await client.act('garden', { kind: 'edit', msg_id: cursor, text: 'beans' })).toMatchObject({ text: 'beans', cursor });
    await expect(client.act('garden', { kind: 'delete', msg_id: `${cursor}0` })).rejects.toMatchObject({ code: 'not-found' });
  });

  it('finds the latest over all channels', async () => {
    const { client } = await ann();
    for (const name of ['a', 'b', 'c']) await client.create(name);
    for (let i = 1; i <= 9; i++) {
      await client.send(['a', 'b', 'c'][i % 3] ?? '', `rain ${i}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect((await client.search('rain', { limit: 4 })).map(({ text }) => text)).toEqual(['rain 9', 'rain 8', 'rain 7', 'rain 6']);
    expect((await client.search('rain', { limit: 4, channel: '#a' })).map(({ text }) => text)).toEqual(['rain 9', 'rain 6', 'rain 3']);
  });

  it('says what is wrong, by the codes of the core', async () => {
    const { client } = await ann();
    const { url, token } = await readApiAddress(lab.dir(DATA));
    await expect(client.send('nowhere', 'x')).rejects.toMatchObject({ code: 'not-found' });
    await expect(client.create('two words')).rejects.toMatchObject({ code: 'bad-argument' });
    const { id } = await client.create('garden');
    const { id: other } = await client.create('garden');
    await expect(client.send('garden', 'x')).rejects.toMatchObject({
      code: 'conflict',
      data: { ids: expect.arrayContaining([id, other]) },
    });
    await expect(client.send(id, '')).rejects.toMatchObject({ code: 'bad-argument' });
    await expect(client.send(id, 'x'.repeat(100_000))).rejects.toMatchObject({ code: 'too-large' });
    await expect(client.send(id, 'x'.repeat(600_000))).rejects.toMatchObject({ code: 'too-large' });
    await client.leave(id);
    await expect(client.send(id, 'x')).rejects.toMatchObject({ code: 'not-member' });
    const json = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const post = async (path: string, body: string, headers = json) => {
      const answer = await ask(`${url}${path}`, headers, 'POST', body);
      return [answer.status, JSON.parse(answer.body).error.code];
    };
    expect(await post('/v1/channels', '{"name": 1}')).toEqual([400, 'bad-argument']);
    expect(await post('/v1/channels', '{}')).toEqual([400, 'bad-argument']);
    expect(await post('/v1/channels', '{')).toEqual([400, 'bad-argument']);
    expect(await post('/v1/channels', 'name=a', { ...json, 'content-type': 'application/x-www-form-urlencoded' })).toEqual([
      400,
      'bad-argument',
    ]);
    expect(await post('/v1/unheard-of', '{}')).toEqual([404, 'not-found']);
  });

  it('describes itself', async () => {
    await ann();
    const { url, token } = await readApiAddress(lab.dir(DATA));
    const { body } = await ask(`${url}/v1/openapi.json`, { authorization: `Bearer ${token}` });
    const described = JSON.parse(body);
    expect(described.openapi).toBe('3.1.0');
    // As the document says, which is written from the same without a node that runs.
    const documented = JSON.parse(readFileSync(new URL('../../docs/api.json', import.meta.url), 'utf8'));
    expect(Object.keys(described.paths).sort()).toEqual(Object.keys(documented.paths).sort());
    for (const path of ['/v1/channels/{channel}/messages', '/v1/contacts/{contact}/safety-number', '/v1/devices', '/v1/status'])
      expect(Object.keys(described.paths)).toContain(path);
  });
});

describe('events', () => {
  it('tell what happens at the node', async () => {
    const { host } = await lab.server();
    const connect = [host.ready.tls ?? ''];
    const a = await lab.start({ data: lab.dir('ann'), nodeType: 'client', name: 'ann', connect });
    const b = await lab.start({ data: lab.dir('ben'), nodeType: 'client', name: 'ben', connect });
    const heard = await listen(a.client);
    await meet('lobby', a.client, b.client);
    await b.client.send('lobby', 'hello');
    const sent = await a.client.send('lobby', 'hello yourself');
    const find = (wanted: object) =>
      until(() => heard.events.find((event) => matches(event, wanted)), `an event ${JSON.stringify(wanted)}`);
    const benId = b.host.node.identity.nodeId;
    await find({ event: 'message', late: false, message: { text: 'hello', own: false, channel: 'lobby' } });
    await find({ event: 'message', message: { msg_id: sent.msg_id, own: true } });
    await find({ event: 'delivery', msg_id: sent.msg_id, delivery: { state: 'delivered' } });
    await find({ event: 'member', joined: true, member: { node_id: benId } });
    await find({ event: 'person', person: { node_id: benId, name: 'ben' } });
    await b.host.stop();
    await find({ event: 'presence', person: { node_id: benId, present: false } });
    await host.stop();
    await find({ event: 'links', count: 0 });
    heard.stop();
    expect(await heard.ended).toBeUndefined();
  });

  it('end with a reason for one who does not read', async () => {
    let dropped = false;
    const warn = (message: string): void => {
      dropped ||= message.includes('dropped');
    };
    const log: Log = { ...silentLog, warn, child: () => log };
    const { client } = await lab.start({ data: lab.dir(DATA), nodeType: 'client', log });
    const { url, token } = await readApiAddress(lab.dir(DATA));
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `GET /v1/events HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
        `Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nAuthorization: Bearer ${token}\r\n\r\n`,
    );
    await new Promise((resolve) => socket.once('data', resolve));
    socket.pause();
    const other = await listen(client);
    await client.create('garden');
    // The system buffers some megabytes for a socket that is not read.
    let sent = 0;
    for (; !dropped && sent < 500; sent++) await client.send('garden', 'x'.repeat(60_000));
    expect(dropped).toBe(true);
    let received = '';
    socket.setEncoding('latin1').on('data', (part: string) => {
      received = received.slice(-100) + part;
    });
    socket.on('error', () => socket.destroy());
    socket.resume();
    await until(() => received.includes('too slow: events were lost'), 'the reason has come');
    socket.destroy();
    // Whoever reads goes on.
    await until(() => other.events.filter(({ event }) => event === 'message').length === sent, 'the other has all');
    other.stop();
  });
});

/** Whether a value has what `wanted` has, at every depth. */
function matches(value: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return value === wanted;
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(wanted).every(([key, part]) => matches((value as Record<string, unknown>)[key], part));
}
