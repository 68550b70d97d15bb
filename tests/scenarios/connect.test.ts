import { CONNECT, composeMessage, encodeCompact, HIDDEN, type JsonObject, type Message, SEALED, sealJwe } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { around, befriend } from './lib/friends.ts';
import { Network, type ParticipantConfig } from './lib/network.ts';
import { guid, Stranger } from './lib/stranger.ts';

const MINUTE = 60_000;

/** Each CONNECT that goes over a link: from which host to which, and what it says. */
interface Heard {
  readonly from: string;
  readonly to: string;
  readonly message: Message;
}

function listen(net: Network): Heard[] {
  const heard: Heard[] = [];
  net.world.network.onFrame(({ kind, bytes, from, to }) => {
    if (kind !== 'message') return undefined;
    const message = JSON.parse(Buffer.from(bytes).toString()) as Message;
    if (message.msg_type === 'CONNECT') heard.push({ from, to, message });
    return undefined;
  });
  return heard;
}

/** Ann and Ben, contacts of each other, behind a server; nobody can dial either. */
async function begin(seed: string, config: ParticipantConfig = {}) {
  const net = new Network({ seed, conditions: { latencyMs: 5 } });
  await around(net, ['ann', 'ben'], config);
  await befriend(net, 'ann', 'ben');
  const linkOf = (host: string, other: string) => net.get(host).node.links.get(net.idOf(other));
  const linked = () => linkOf('ann', 'ben') !== undefined && linkOf('ben', 'ann') !== undefined;
  return { net, heard: listen(net), linkOf, linked };
}

const talk = async (net: Network, from: string, to: string, count = 3): Promise<void> => {
  for (let i = 0; i < count; i++) await net.send(from, `@${to}`, `${from} ${i}`);
};
const rejected = (net: Network, host: string, reason: string): number => net.get(host).node.metrics.value('rejections', reason);
const outcomes = (net: Network, host: string, outcome: string): number => net.get(host).node.metrics.value('connects', outcome);

describe('CONNECT', () => {
  it('goes as S2 says: the port, the address that the server sees, and back the same way', async () => {
    const { net, heard, linkOf, linked } = await begin('connect');
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
    const { net, linked } = await begin('connect outlives');
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
    const { net, linked } = await begin('connect crossed');
    const nodes = ['ann', 'ben'].map((host) => net.get(host).node);
    const [toBen, toAnn] = [nodes[0]?.connecting.reach(net.idOf('ben')), nodes[1]?.connecting.reach(net.idOf('ann'))];
    const links = await net.world.until(Promise.all([toBen, toAnn]));
    expect(links.map((link) => link?.peer.nodeId)).toEqual([net.idOf('ben'), net.idOf('ann')]);
    expect(linked()).toBe(true);
    expect(rejected(net, 'ann', 'connect-crossed') + rejected(net, 'ben', 'connect-crossed')).toBe(1);
    expect(nodes.map(({ metrics }) => metrics.value('links_opened', 'punched-tcp'))).toEqual([1, 1]);
  });

  it('tells nobody but contacts where a user is', async () => {
    const { net, heard } = await begin('connect stranger');
    const eve = await Stranger.meet(net, 'eve', 's');
    const data = { msg_id: guid(1), src_node_id: eve.nodeId, dst_node_id: net.idOf('ben'), dst: '', src: '4000' };
    eve.send(await eve.compose(CONNECT, data));
    await net.world.runUntil(() => rejected(net, 'ben', 'connect-unwanted') === 1, { limitMs: MINUTE });
    await net.world.until(net.get('ben').node.contacts.block(net.get('ann').identity.keyId));
    await net.world.until(net.get('ann').node.connecting.reach(net.idOf('ben')));
    expect(rejected(net, 'ben', 'connect-unwanted')).toBe(2);
    expect(outcomes(net, 'ann', 'unanswered')).toBe(1);
    expect(heard.filter(({ from }) => from === 'ben')).toEqual([]);
  });

  it.each([{ circuits: 1 }, { direct: false }])('is neither asked nor answered by one who wants to stay unseen: %j', async (settings) => {
    const { net, heard } = await begin('connect unseen');
    await net.world.until(net.get('ben').node.settings.set(settings));
    await net.world.until(net.get('ann').node.connecting.reach(net.idOf('ben')));
    expect(await net.world.until(net.get('ben').node.connecting.reach(net.idOf('ann')))).toBeUndefined();
    expect(heard.map(({ from }) => from)).toEqual(['ann', 's']);
    expect(rejected(net, 'ben', 'connect-unwanted')).toBe(1);
  });

  it('names the host from which its origin speaks, whatever the origin says', async () => {
    const { net, heard } = await begin('connect liar');
    const eve = await Stranger.meet(net, 'eve', 's');
    for (const src of ['victim:22', '22', '']) {
      const data = { msg_id: guid(1), src_node_id: eve.nodeId, dst_node_id: net.idOf('ben'), dst: '', src };
      eve.send(await eve.compose(CONNECT, data));
    }
    await net.world.runUntil(() => heard.filter(({ to }) => to === 'ben').length === 3, { limitMs: MINUTE });
    expect(heard.filter(({ to }) => to === 'ben').map(({ message }) => message.msg_data.src)).toEqual(['eve:22', 'eve:22', '']);
    expect(net.get('ben').node.links.size).toBe(1);
  });

  it('counts once, and not for long', async () => {
    const { net, heard, linked } = await begin('connect replay');
    await talk(net, 'ann', 'ben');
    await net.world.runUntil(linked, { limitMs: MINUTE });
    const { message } = heard[1] as Heard;
    net.get('ben').node.links.close(net.get('ben').node.links.get(net.idOf('ann')) as never, 'for a test');
    net.crash('ann');
    const eve = await Stranger.meet(net, 'eve', 's');
    eve.send(message);
    await net.world.runUntil(() => rejected(net, 'ben', 'connect-again') === 1, { limitMs: MINUTE });
    await net.stop('ben');
    await net.restart('ben');
    await net.world.advance(15 * MINUTE);
    await net.world.runUntil(() => net.reaches('s', 'ben'));
    eve.send(message);
    await net.world.runUntil(() => rejected(net, 'ben', 'connect-stale') === 1, { limitMs: MINUTE });
    expect(outcomes(net, 'ben', 'failed')).toBe(0);
  });

  it('that is answered by somebody else, unasked, or with nothing that could be reached leads nowhere', async () => {
    const { net, heard } = await begin('connect answers');
    const eve = await Stranger.meet(net, 'eve', 's');
    const answer = async (data: JsonObject): Promise<void> => eve.send(await eve.compose(CONNECT, data));
    const sockets = { msg_id: guid(1), src_node_id: net.idOf('ann'), dst: '4000', src: 'ann:4000' };
    await answer({ ...sockets, dst_node_id: eve.nodeId });
    await net.world.runUntil(() => rejected(net, 'ann', 'connect-unasked') === 1, { limitMs: MINUTE });
    const reached = net.get('ann').node.connecting.reach(net.idOf('ben'));
    await net.world.runUntil(() => heard.some(({ from }) => from === 'ann'), { limitMs: MINUTE });
    const { msg_id } = (heard.find(({ from }) => from === 'ann') as Heard).message.msg_data;
    await answer({ ...sockets, msg_id: msg_id as string, dst_node_id: net.idOf('ben') });
    expect((await net.world.until(reached))?.peer.nodeId).toBe(net.idOf('ben'));
    expect(rejected(net, 'ann', 'auth-node-id')).toBe(1);
  });

  it('that leads to somebody else than was meant ends there, is counted, and costs no link that stands with them', async () => {
    const { net } = await begin('connect wrong');
    // Whoever is on the way names the socket of Ann's own server.
    const s = net.get('s');
    const meeting = await net.world.network.transport('s', { certificate: s.identity.certificate }).meet?.();
    const isMeant = async () => true;
    net.world.network.onFrame(({ kind, bytes, from, to }) => {
      const message = kind === 'message' ? (JSON.parse(Buffer.from(bytes).toString()) as Message) : undefined;
      if (message?.msg_type !== 'CONNECT' || from !== 's' || to !== 'ann') return undefined;
      const { src } = message.msg_data as { src: string };
      const opened = meeting?.open(src, { dials: false, isMeant, signal: new AbortController().signal });
      opened?.then((connection) => s.node.links.adopt(connection)).catch(() => {});
      message.msg_data.dst = `s:${meeting?.port}`;
      return { alter: JSON.stringify(message) };
    });
    const { links, connecting } = net.get('ann').node;
    const before = links.get(s.identity.nodeId);
    expect(await net.world.until(connecting.reach(net.idOf('ben')))).toBeUndefined();
    expect(rejected(net, 'ann', 'connect-not-theirs')).toBe(1);
    expect(links.get(s.identity.nodeId)).toBe(before);
    expect(links.size).toBe(1);
  });

  it('takes no more at once than is allowed', async () => {
    const { net } = await begin('connect many', { connect: { maxAtOnce: 1 } });
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
    const { net, linked, linkOf } = await begin('connect ends');
    await talk(net, 'ann', 'ben');
    await net.world.runUntil(linked, { limitMs: MINUTE });
    await turnAway(net, 'ben', 'ann', how);
    expect(linkOf('ben', 'ann')).toBeUndefined();
    await talk(net, 'ann', 'ben', 8);
    await net.world.advance(MINUTE);
    expect(linkOf('ben', 'ann')).toBeUndefined();
  });

  it.each(unwanted)('is given up by whoever asked, and has thought better of it: %j', async (how) => {
    const { net, linkOf } = await begin('connect better');
    const reached = net.get('ann').node.connecting.reach(net.idOf('ben'));
    await turnAway(net, 'ann', 'ben', how);
    expect(await net.world.until(reached)).toBeUndefined();
    await net.world.advance(MINUTE);
    expect(linkOf('ann', 'ben')).toBeUndefined();
  });

  it('grows on its way by what its first forwarder sees, for which that one is not blamed', async () => {
    const { net } = await begin('connect size');
    const eve = await Stranger.meet(net, 'eve', 's', {});
    const between = { src_node_id: eve.nodeId, dst_node_id: net.idOf('ben') };
    const sockets = { dst: '', src: '4' };
    const message = await composeMessage(eve.identity, CONNECT, { ...between, ...sockets }, net.world.clock.now());
    // Nobody on the way looks at the signature.
    const pad = 'x'.repeat(CONNECT.spec.maxBytes - JSON.stringify({ ...message, msg_data: { ...between, pad: '' } }).length);
    for (let i = 0; i < 30; i++) eve.send({ ...message, msg_data: { ...between, ...sockets, pad } });
    await net.world.runUntil(() => net.get('ben').node.metrics.value('received', 'CONNECT') >= 30, { limitMs: MINUTE });
    expect(rejected(net, 'ben', 'verb-size')).toBe(0);
    await net.world.advance(MINUTE);
    expect(net.get('ben').node.links.size).toBe(1);
  });

  it('counts for nothing inside of what hides from where it comes', async () => {
    const { net, heard } = await begin('connect hidden');
    const { identity } = net.get('ann');
    const ben = net.get('ben');
    const data = { src_node_id: identity.nodeId, dst_node_id: ben.identity.nodeId, dst: '', src: 'victim:25' };
    const message = (await composeMessage(identity, CONNECT, data, net.world.clock.now())) as unknown as JsonObject;
    const eve = await Stranger.meet(net, 'eve', 's', {});
    const content = { msg_type: HIDDEN.name, msg_data: { msg_id: guid(2), node_id: eve.nodeId, proof: `${'A'.repeat(22)}==`, message } };
    const jwe = await sealJwe(net.world, ben.identity, { nodeId: eve.nodeId, msgId: guid(2) }, content);
    const recipient = [{ node_id: ben.identity.nodeId }];
    eve.send(await eve.compose(SEALED, { msg_id: guid(2), recipient, sealed: encodeCompact(jwe) }));
    await net.world.runUntil(() => rejected(net, 'ben', 'circuit-unseen') === 1, { limitMs: MINUTE });
    expect(heard).toEqual([]);
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
    const { net, heard } = await begin('connect patience');
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
    const { net } = await begin('connect stop');
    net.crash('ben', { silent: true });
    const reached = net.get('ann').node.connecting.reach(net.idOf('ben'));
    await net.world.advance(1000);
    expect(await net.stop('ann')).toBe(0);
    expect(await net.world.until(reached)).toBeUndefined();
  });
});
