import { CONNECT, composeMessage, encodeCompact, HIDDEN, type JsonObject, type Message, SEALED, sealJwe } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { behindServer, type Heard, outcomes, rejected, talk } from './lib/connect.ts';
import { guid, Stranger } from './lib/stranger.ts';

const MINUTE = 60_000;

describe('CONNECT of somebody hostile', () => {
  it('tells nobody but contacts where a user is', async () => {
    const { net, heard } = await behindServer('connect stranger');
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

  it('names the host from which its origin speaks, whatever the origin says', async () => {
    const { net, heard } = await behindServer('connect liar');
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
    const { net, heard, linked } = await behindServer('connect replay');
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
    const { net, heard } = await behindServer('connect answers');
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
    const { net } = await behindServer('connect wrong');
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

  it('grows on its way by what its first forwarder sees, for which that one is not blamed', async () => {
    const { net } = await behindServer('connect size');
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
    const { net, heard } = await behindServer('connect hidden');
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
});
