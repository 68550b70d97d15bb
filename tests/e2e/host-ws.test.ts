import type { HostNode } from '@parley/host';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Lab, meet, texts, until } from './host-lab.ts';
import { RawSocket, WsStranger } from './lib/ws-stranger.ts';

let lab: Lab;
beforeEach(() => {
  lab = new Lab();
});
afterEach(() => lab.close());

const server = (options: Parameters<Lab['server']>[0] = {}) => lab.server({ http: '127.0.0.1:0', app: lab.dir('none'), ...options });
const at = ({ ready }: HostNode): string => ready.http ?? '';
const rejections = ({ node }: HostNode, reason: string): number => node.metrics.value('rejections', reason);
const failures = ({ node }: HostNode, code: string): number => node.metrics.value('links_failed', code);

describe('links over WebSockets', () => {
  it('carry messages between nodes that came by different ways', async () => {
    const { host } = await server();
    const connect = at(host).replace('http', 'ws');
    const ann = await lab.start({ data: lab.dir('ann'), nodeType: 'client', name: 'ann', connect: [`${connect}/link`] });
    const ben = await lab.start({ data: lab.dir('ben'), nodeType: 'client', name: 'ben', connect: [host.ready.tls ?? ''] });
    await meet('lobby', ann.client, ben.client);
    await ann.client.send('lobby', 'hello by WebSocket');
    expect(await texts(ben.client, 'lobby', 1)).toEqual(['hello by WebSocket']);
    await ben.client.send('lobby', 'hello by TLS');
    expect(await texts(ann.client, 'lobby', 2)).toEqual(['hello by WebSocket', 'hello by TLS']);
    expect((await ann.client.status()).links).toMatchObject([{ transport: 'ws', dialled: true }]);
    const { links } = host.node;
    expect(
      links
        .all()
        .map(({ connection }) => connection.transport)
        .sort(),
    ).toEqual(['tls', 'ws']);
    // Who stops says goodbye, though the listener closes too.
    const parting: string[] = [];
    ann.host.node.links.events.on('down', ({ reason }) => parting.push(reason));
    expect(await host.stop()).toBe(true);
    await until(() => parting.length > 0, 'the link has ended');
    expect(parting).toEqual(['other side: going away']);
  });

  it.each([['ws://192.0.2.1:80/link'], ['ws://example.org'], ['wss://'], ['wss://user@example.org'], ['ws://127.0.0.1:0']])(
    'are not dialled at %s',
    async (address) => {
      await expect(lab.start({ data: lab.dir('ann'), nodeType: 'client', connect: [address] })).rejects.toMatchObject({
        code: 'bad-argument',
      });
    },
  );

  it('say why a server does not take them', async () => {
    const { host } = await server();
    await expect(WsStranger.meet(`${at(host)}/elsewhere`, await WsStranger.identity('ann'))).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('404 links are opened at /link'),
    });
  });
});

describe('who may come', () => {
  it('is decided by the page that asks', async () => {
    const { host } = await server({ httpOrigins: ['https://pages.example.org'] });
    const status = async (origin: string | undefined) => (await RawSocket.upgrade(at(host), origin === undefined ? {} : { origin })).status;
    expect(await status(undefined)).toBe(101);
    expect(await status(at(host))).toBe(101);
    expect(await status('https://pages.example.org')).toBe(101);
    // Another server of this machine.
    expect(await status('http://localhost:1')).toBe(101);
    for (const origin of ['https://evil.example.org', 'http://pages.example.org', 'https://pages.example.org.evil.example', 'null', 'x']) {
      expect(await status(origin), origin).toBe(403);
    }
    expect(rejections(host, 'ws-origin')).toBe(5);
  });

  it('is decided by the name that the server is called', async () => {
    const { host } = await server();
    const port = new URL(at(host)).port;
    expect((await RawSocket.upgrade(at(host), { host: `localhost:${port}` })).status).toBe(101);
    const foreign = await RawSocket.upgrade(at(host), { host: `evil.example.org:${port}`, origin: `http://evil.example.org:${port}` });
    expect(foreign.status).toBe(403);
    expect(foreign.text).toContain('needs HTTPS');
    expect(rejections(host, 'ws-insecure')).toBe(1);
  });

  it('is decided by the proxy, where there is one', async () => {
    const { host } = await server({ httpProxies: ['https://chat.example.org'] });
    const through = await RawSocket.upgrade(at(host), { host: 'chat.example.org', origin: 'https://chat.example.org' });
    expect(through.status).toBe(101);
    expect((await RawSocket.upgrade(at(host), { host: 'chat.example.org', origin: 'http://chat.example.org' })).status).toBe(403);
  });

  it('is who speaks the protocol, at its place', async () => {
    const { host } = await server();
    expect((await RawSocket.upgrade(at(host), { protocol: '' })).status).toBe(400);
    expect((await RawSocket.upgrade(at(host), { protocol: 'chat' })).status).toBe(400);
    expect((await RawSocket.upgrade(at(host), { protocol: 'chat, parley.1' })).text).toContain('Sec-WebSocket-Protocol: parley.1');
    expect((await RawSocket.upgrade(at(host), { path: '/metrics' })).status).toBe(404);
    expect((await RawSocket.upgrade(at(host), { path: '/link?x=1' })).status).toBe(101);
    expect([rejections(host, 'ws-protocol'), rejections(host, 'ws-path')]).toEqual([2, 1]);
  });
});

describe('a stranger', () => {
  it('without a proof is not let in', async () => {
    const { host } = await server();
    const stranger = await WsStranger.meet(at(host), await WsStranger.identity('eve'));
    await stranger.hello({ nonce: undefined });
    await until(() => stranger.ended, 'it is turned away');
    expect(stranger.of('BYE')[0]?.msg_data).toMatchObject({ reason: expect.stringContaining('nonce') });
    expect(host.node.links.size).toBe(0);
  });

  it('with a wrong proof is not let in', async () => {
    const { host } = await server();
    const [eve, other] = [await WsStranger.identity('eve'), await WsStranger.identity('other')];
    const wrong = [
      { signer: other },
      { role: 'listen' },
      { nonceTo: Buffer.alloc(32).toString('base64') },
      { binding: 'evil.example.org:443' },
    ];
    for (const proof of wrong) {
      const stranger = await WsStranger.meet(at(host), eve);
      await stranger.hello();
      await stranger.prove(proof);
      await until(() => stranger.ended, `it is turned away: ${Object.keys(proof)}`);
    }
    expect(failures(host, 'bad-signature')).toBe(wrong.length);
    expect(host.node.links.size).toBe(0);
  });

  it('with the proof of another time is not let in', async () => {
    const { host } = await server();
    const ann = await WsStranger.identity('ann');
    const first = await WsStranger.meet(at(host), ann);
    await first.hello();
    const overheard = await first.signature();
    await first.prove();
    await until(() => host.node.links.get(ann.nodeId), 'the link is open');
    first.connection.destroy();
    const second = await WsStranger.meet(at(host), ann);
    await second.hello({ nonce: first.nonce });
    second.say('PROOF', { sig: overheard });
    await until(() => second.ended, 'it is turned away');
    expect(failures(host, 'bad-signature')).toBe(1);
  });

  it('that sends what is too large is cut off before it is read', async () => {
    const { host } = await server();
    const raw = await RawSocket.upgrade(at(host));
    // Its length alone.
    raw.socket.write(Buffer.from([0x81, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]));
    await until(() => raw.ended, 'it is cut off');
    expect(raw.closeCode).toBe(1009);
    const parts = await RawSocket.upgrade(at(host));
    parts.frame(0x01, Buffer.alloc(600 * 1024, 'x'));
    parts.frame(0x80, Buffer.alloc(600 * 1024, 'x'));
    await until(() => parts.ended, 'it is cut off');
    expect(parts.closeCode).toBe(1009);
    await until(() => failures(host, 'too-large') === 2, 'both are counted');
  });

  it('that sends a message in thousands of parts is cut off', async () => {
    const { host } = await server();
    const raw = await RawSocket.upgrade(at(host));
    raw.frame(0x01, Buffer.from(' '));
    for (let i = 0; i < 3000 && !raw.ended; i++) raw.frame(0x00, Buffer.from(' '));
    await until(() => raw.ended, 'it is cut off');
    expect(raw.closeCode).toBe(1008);
  });

  it.each([
    ['a frame without a mask', Buffer.from([0x81, 0x02, 0x7b, 0x7d])],
    ['an unknown opcode', Buffer.from([0x83, 0x80, 0, 0, 0, 0])],
    ['a compressed frame', Buffer.from([0xc1, 0x81, 0, 0, 0, 0, 0x20])],
    ['a continuation of nothing', Buffer.from([0x80, 0x80, 0, 0, 0, 0])],
    ['a data frame without a number', Buffer.from([0x82, 0x81, 0, 0, 0, 0, 0x20])],
    ['text that is no JSON', Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x20])],
    ['text that is no UTF-8', Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28])],
  ])('that sends %s is cut off, and the others go on', async (_, bytes) => {
    const { host } = await server();
    const good = await WsStranger.identity('good');
    const link = await WsStranger.link(at(host), good);
    await until(() => host.node.links.get(good.nodeId), 'the link is open');
    const raw = await RawSocket.upgrade(at(host));
    raw.socket.write(bytes);
    await until(() => raw.ended, 'it is cut off');
    expect(link.ended).toBe(false);
    expect(host.node.links.size).toBe(1);
  });

  it('that does not read is dropped when its queue is long', async () => {
    const { host } = await server();
    const eve = await WsStranger.identity('eve');
    const slow = await WsStranger.link(at(host), eve);
    const link = await until(() => host.node.links.get(eve.nodeId), 'the link is open');
    slow.connection.pause();
    const text = JSON.stringify({ ttl: 1, flood: false, msg_type: 'NONSENSE', msg_data: { padding: 'x'.repeat(500_000) } });
    await until(() => {
      if (link.state === 'open') link.send(text);
      return link.state === 'closed';
    }, 'it is dropped');
    expect(rejections(host, 'queue-overflow')).toBe(1);
    expect(host.node.links.size).toBe(0);
  });
});
