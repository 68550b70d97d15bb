import { describe, expect, it } from 'vitest';
import { behindServer, listen, outcomes, rejected, talk } from './lib/connect.ts';
import { around, befriend } from './lib/friends.ts';
import { Network } from './lib/network.ts';

const MINUTE = 60_000;

describe('CONNECT', () => {
  it('goes as S2 says: the port, the address that the server sees, and back the same way', async () => {
    const { net, heard, linkOf, linked } = await behindServer('connect');
    await talk(net, 'ann', 'ben');
    await net.world.runUntil(linked, { limitMs: MINUTE, what: 'the link' });
    const [ann, ben] = [net.idOf('ann'), net.idOf('ben')];
    const between = { src_node_id: ann, dst_node_id: ben };
    const port = expect.stringMatching(/^\d+$/);
    const at = (host: string) => expect.stringMatching(new RegExp(`^${host}:\\d+$`));
    expect(heard.map(({ from, to, message: { ttl, msg_data: data } }) => [from, to, ttl, data])).toEqual([
      ['ann', 's', 32, { ...between, msg_id: expect.anything(), dst: '', src: port }],
      ['s', 'ben', 31, { ...between, msg_id: expect.anything(), dst: '', src: at('ann') }],
      ['ben', 's', 32, { ...between, msg_id: expect.anything(), dst: port, src: at('ann') }],
      ['s', 'ann', 31, { ...between, msg_id: expect.anything(), dst: at('ben'), src: at('ann') }],
    ]);
    expect(linkOf('ann', 'ben')?.connection).toMatchObject({
      transport: 'punched-tcp',
      dialled: true,
      remoteAddress: heard[3]?.message.msg_data.dst,
    });
    expect(linkOf('ben', 'ann')?.connection).toMatchObject({
      transport: 'punched-tcp',
      dialled: false,
      remoteAddress: heard[1]?.message.msg_data.src,
    });
    expect([outcomes(net, 'ann', 'open'), outcomes(net, 'ben', 'open')]).toEqual([1, 1]);
    await net.send('ann', '@ben', 'and now by ourselves');
    await net.world.runUntil(() => net.texts('ben').includes('and now by ourselves'), { limitMs: MINUTE });
    expect(net.get('ben').shown.at(-1)?.message.way).toEqual({ via: [] });
    // What was met once is no address at which others could dial.
    expect([net.get('ann').node.endpoints.list(), net.get('ben').node.endpoints.list()]).toEqual([[], []]);
    expect(net.errors()).toEqual([]);
  });

  it('leads to a link that outlives the server, and ends when nothing was written for long', async () => {
    const { net, linked } = await behindServer('connect outlives');
    await talk(net, 'ann', 'ben');
    await net.world.runUntil(linked, { limitMs: MINUTE });
    net.crash('s');
    await net.send('ann', '@ben', 'the server is gone');
    await net.world.runUntil(() => net.texts('ben').includes('the server is gone'), { limitMs: MINUTE });
    await net.send('ben', '@ann', 'it is');
    await net.world.runUntil(() => net.texts('ann').includes('it is'), { limitMs: MINUTE });
    await net.world.advance(15 * MINUTE);
    expect(linked()).toBe(false);
    expect([await net.stop('ann'), await net.stop('ben')]).toEqual([0, 0]);
  });

  it('goes over several servers, of which each next to a node says where that is', async () => {
    const net = new Network({ seed: 'connect far', conditions: { latencyMs: 5 } });
    for (const host of ['s', 't', 'u']) await net.server(host);
    for (const host of ['ann', 'ben']) await net.client(host);
    for (const [from, to] of [
      ['ann', 's'],
      ['s', 't'],
      ['t', 'u'],
      ['ben', 'u'],
    ] as const)
      net.link(from, to);
    await net.world.runUntil(() => net.reaches('ann', 'ben') && net.reaches('ben', 'ann'), { limitMs: MINUTE });
    await befriend(net, 'ann', 'ben');
    const heard = listen(net);
    await talk(net, 'ben', 'ann');
    await net.world.runUntil(() => net.get('ann').node.links.get(net.idOf('ben')) !== undefined, { limitMs: MINUTE });
    const sockets = heard.map(
      ({
        from,
        to,
        message: {
          msg_data: { src, dst },
        },
      }) => [from, to, src, dst],
    );
    const [own, whole] = [expect.stringMatching(/^\d+$/), expect.stringMatching(/^(ann|ben):\d+$/)];
    expect(sockets).toEqual([
      ['ben', 'u', own, ''],
      ['u', 't', whole, ''],
      ['t', 's', whole, ''],
      ['s', 'ann', whole, ''],
      ['ann', 's', whole, own],
      ['s', 't', whole, whole],
      ['t', 'u', whole, whole],
      ['u', 'ben', whole, whole],
    ]);
  });

  it('is answered once where both ask at the same time', async () => {
    const { net, linked } = await behindServer('connect crossed');
    const nodes = ['ann', 'ben'].map((host) => net.get(host).node);
    const [toBen, toAnn] = [nodes[0]?.connecting.reach(net.idOf('ben')), nodes[1]?.connecting.reach(net.idOf('ann'))];
    const links = await net.world.until(Promise.all([toBen, toAnn]));
    expect(links.map((link) => link?.peer.nodeId)).toEqual([net.idOf('ben'), net.idOf('ann')]);
    expect(linked()).toBe(true);
    expect(rejected(net, 'ann', 'connect-crossed') + rejected(net, 'ben', 'connect-crossed')).toBe(1);
    expect(nodes.map(({ metrics }) => metrics.value('links_opened', 'punched-tcp'))).toEqual([1, 1]);
  });

  it.each([{ circuits: 1 }, { direct: false }])('is neither asked nor answered by one who wants to stay unseen: %j', async (settings) => {
    const { net, heard } = await behindServer('connect unseen');
    await net.world.until(net.get('ben').node.settings.set(settings));
    await net.world.until(net.get('ann').node.connecting.reach(net.idOf('ben')));
    expect(await net.world.until(net.get('ben').node.connecting.reach(net.idOf('ann')))).toBeUndefined();
    expect(heard.map(({ from }) => from)).toEqual(['ann', 's']);
    expect(rejected(net, 'ben', 'connect-unwanted')).toBe(1);
  });

  it('takes no more at once than is allowed', async () => {
    const { net } = await behindServer('connect many', { connect: { maxAtOnce: 1 } });
    await net.client('cas');
    net.link('cas', 's');
    await net.world.runUntil(() => net.reaches('ann', 'cas') && net.reaches('cas', 'ann'));
    await befriend(net, 'ann', 'cas');
    net.crash('ben', { silent: true });
    const first = net.get('ann').node.connecting.reach(net.idOf('ben'));
    expect(await net.world.until(net.get('ann').node.connecting.reach(net.idOf('cas')))).toBeUndefined();
    expect(await net.world.until(first)).toBeUndefined();
    expect((await net.world.until(net.get('ann').node.connecting.reach(net.idOf('cas'))))?.peer.nodeId).toBe(net.idOf('cas'));
  });

  const unwanted = [{ direct: false }, { circuits: 1 }, 'block'] as const;
  /** Somebody no longer wants another to see where they are. */
  const turnAway = (net: Network, host: string, other: string, how: (typeof unwanted)[number]): Promise<unknown> => {
    const { contacts, settings } = net.get(host).node;
    return net.world.until<unknown>(how === 'block' ? contacts.block(net.get(other).identity.keyId) : settings.set(how));
  };

  it.each(unwanted)('ends with what it made when it is no longer wanted, by whoever answered: %j', async (how) => {
    const { net, linked, linkOf } = await behindServer('connect ends');
    await talk(net, 'ann', 'ben');
    await net.world.runUntil(linked, { limitMs: MINUTE });
    await turnAway(net, 'ben', 'ann', how);
    expect(linkOf('ben', 'ann')).toBeUndefined();
    await talk(net, 'ann', 'ben', 8);
    await net.world.advance(MINUTE);
    expect(linkOf('ben', 'ann')).toBeUndefined();
  });

  it.each(unwanted)('is given up by whoever asked, and has thought better of it: %j', async (how) => {
    const { net, linkOf } = await behindServer('connect better');
    const reached = net.get('ann').node.connecting.reach(net.idOf('ben'));
    await turnAway(net, 'ann', 'ben', how);
    expect(await net.world.until(reached)).toBeUndefined();
    await net.world.advance(MINUTE);
    expect(linkOf('ann', 'ben')).toBeUndefined();
  });

  it('makes no more direct links than a node may have', async () => {
    const net = new Network({ seed: 'connect most', conditions: { latencyMs: 5 } });
    const others = ['ben', 'cas', 'dan', 'eli'];
    await around(net, ['ann', ...others], { neighbours: { maxDirect: 1 } });
    for (const other of others) await befriend(net, 'ann', other);
    for (let i = 0; i < 3; i++) for (const other of others) await net.send('ann', `@${other}`, `${i} to ${other}`);
    await net.world.advance(MINUTE);
    expect(net.get('ann').node.metrics.value('links_opened', 'punched-tcp')).toBe(1);
  });

  it('is not asked again soon where nobody answers', async () => {
    const { net, heard } = await behindServer('connect patience');
    await net.world.until(net.get('ben').node.settings.set({ direct: false }));
    const questions = () => heard.filter(({ from }) => from === 'ann').length;
    await talk(net, 'ann', 'ben', 8);
    await net.world.advance(29_000);
    await talk(net, 'ann', 'ben', 8);
    expect(questions()).toBe(1);
    await net.world.advance(MINUTE);
    await talk(net, 'ann', 'ben', 1);
    await net.world.advance(1000);
    expect(questions()).toBe(2);
  });

  it('leaves nothing behind when a node ends in the middle', async () => {
    const { net } = await behindServer('connect stop');
    net.crash('ben', { silent: true });
    const reached = net.get('ann').node.connecting.reach(net.idOf('ben'));
    await net.world.advance(1000);
    expect(await net.stop('ann')).toBe(0);
    expect(await net.world.until(reached)).toBeUndefined();
  });
});
