import { describe, expect, it } from 'vitest';
import { letter } from './lib/letters.ts';
import { LinkLab, NOTE } from './lib/link-lab.ts';
import { Network } from './lib/network.ts';
import { guid, Stranger } from './lib/stranger.ts';

const KIB = 1024;
const gauge = (net: Network, name: string): number => net.get('s').node.metrics.snapshot().gauges.get(name)?.get('') ?? -1;

/** A server between a stranger who sends and one who is to get it. */
async function between(seed: string, overlay: object, commitMs?: number): Promise<{ net: Network; from: Stranger; to: Stranger }> {
  const net = new Network({ seed, ...(commitMs === undefined ? {} : { commitMs }) });
  await net.server('s', { overlay });
  return { net, from: await Stranger.meet(net, 'from', 's'), to: await Stranger.meet(net, 'to', 's') };
}

describe('the memory of a server', () => {
  it('does not fill with messages for one who acknowledges nothing, and they are delivered whole once that changes', async () => {
    const cache = 256 * KIB;
    // Whoever does not acknowledge is cut off soon: here as late as it takes to look.
    const { net, from, to } = await between('piled up', { windowMessages: 4, bodyCacheBytes: cache, ackTimeoutMs: 60_000 });
    const count = 100;
    const letters = await Promise.all(Array.from({ length: count }, (_, i) => letter(from.identity, i, [to.nodeId], { size: 20 * KIB })));
    for (const each of letters) from.send(each);
    await net.world.advance(5000);
    expect(gauge(net, 'custody_messages')).toBe(count);
    expect(gauge(net, 'custody_bytes')).toBeGreaterThan(10 * cache);
    expect(gauge(net, 'custody_memory_bytes')).toBeLessThan(cache + 50 * KIB);
    to.onMessage = (message) => to.acknowledge(message);
    for (const message of to.of('MESSAGE')) to.acknowledge(message);
    await net.world.advance(10_000);
    expect(to.of('MESSAGE').map(({ msg_data }) => msg_data.message)).toEqual(letters.map(({ msg_data }) => msg_data.message));
    expect(gauge(net, 'custody_memory_bytes')).toBe(0);
  });

  it('does not fill with recipients, of whom a short message may have a thousand', async () => {
    const most = 5000;
    const { net, from, to } = await between('many recipients', { totalRecipients: most, ackTimeoutMs: 60_000 });
    const nodes = Array.from({ length: 1000 }, (_, i) => guid(1000 + i));
    to.say('ROUTING', { full: true, nodes: nodes.map((node_id) => ({ node_id, ttl: 1 })) });
    await net.world.advance(2000);
    let highest = 0;
    for (let i = 0; i < 20; i++) {
      from.send(await letter(from.identity, i, nodes));
      await net.world.advance(500);
      highest = Math.max(highest, gauge(net, 'custody_recipients'));
    }
    // Those of one message are taken together.
    expect(highest).toBeGreaterThanOrEqual(most);
    expect(highest).toBeLessThan(most + nodes.length);
    expect(gauge(net, 'custody_messages')).toBe(highest / nodes.length);
    expect(from.acknowledged()).toHaveLength(20);
    expect(from.of('NACK').every(({ msg_data }) => msg_data.reason === 'evicted')).toBe(true);
  });

  it('does not fill with recipients of one message, whose list is not signed', async () => {
    const { net, from, to } = await between('ever new recipients', { ackTimeoutMs: 60_000 });
    const lists = [0, 1, 2].map((list) => Array.from({ length: 600 }, (_, i) => guid(1000 * (list + 1) + i)));
    for (const nodes of lists) to.say('ROUTING', { nodes: nodes.map((node_id) => ({ node_id, ttl: 1 })) });
    await net.world.advance(2000);
    const signed = await letter(from.identity, 1, [guid(1)]);
    for (const nodes of lists) {
      from.send({ ...signed, msg_data: { ...signed.msg_data, recipient: nodes.map((node_id) => ({ node_id })) } });
      await net.world.advance(1000);
    }
    expect(gauge(net, 'custody_messages')).toBe(1);
    expect(gauge(net, 'custody_recipients')).toBe(1000);
    expect(net.get('s').node.metrics.value('rejections', 'too-many-recipients')).toBe(800);
  });

  it('does not fill with what waits for the disk: links are read as fast as that takes it', async () => {
    const most = 256 * KIB;
    const { net, from, to } = await between('slow disk', { underWayBytes: most }, 1000);
    to.onMessage = (message) => to.acknowledge(message);
    const count = 300;
    for (let i = 0; i < count; i++) from.send(await letter(from.identity, i, [to.nodeId], { size: 20 * KIB }));
    let highest = 0;
    for (let ms = 0; ms < 60_000; ms += 50) {
      await net.world.advance(50);
      highest = Math.max(highest, gauge(net, 'under_way_bytes'));
    }
    expect(highest).toBeGreaterThan(most);
    expect(highest).toBeLessThan(4 * most);
    expect(from.acknowledged()).toHaveLength(count);
    expect(to.of('MESSAGE')).toHaveLength(count);
    expect(gauge(net, 'under_way_bytes')).toBe(0);
  });

  it('does not fill with what waits for many who do not read: the longest queues end', async () => {
    const lab = new LinkLab('mute-many');
    const most = 1024 * 1024;
    const server = await lab.listener('s', { config: { maxAllQueuedBytes: most } });
    const puppets = [];
    for (const name of ['p', 'q', 'r', 't']) puppets.push(await lab.neighbour(name, server));
    for (const { connection } of puppets) connection.pause();
    const [p, ...others] = puppets.map(({ identity }) => server.links.get(identity.nodeId));
    let highest = 0;
    for (let sent = 0; sent < 500; sent++) {
      for (const link of [p, p, ...others]) link?.say(NOTE, { padding: 'x'.repeat(1000) });
      highest = Math.max(
        highest,
        server.links.all().reduce((sum, { connection }) => sum + connection.queued, 0),
      );
    }
    expect(highest).toBeGreaterThan(most / 2);
    expect(highest).toBeLessThan(most * 1.1);
    expect(server.links.all().map(({ peer }) => peer.nodeId)).toEqual(others.map((link) => link?.peer.nodeId));
    expect(server.metrics.value('rejections', 'queue-overflow')).toBe(1);
  });
});
