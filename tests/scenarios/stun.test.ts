import { describe, expect, it } from 'vitest';
import { Network } from './lib/network.ts';

/** Hosts of the simulator are called by IP addresses here, since STUN knows no names. */
async function network(seed: string, ...addresses: string[]) {
  const net = new Network({ seed });
  for (const address of addresses) {
    const { node } = await net.add(address, { nodeType: 'server' });
    await net.world.until(node.bindUdp(`${address}:4717`));
  }
  return net;
}

describe('STUN', () => {
  it('tells a node the address that others see', async () => {
    const net = await network('stun', '203.0.113.5', '198.51.100.7');
    const asker = net.get('203.0.113.5').node;
    expect(await net.world.until(asker.stun.ask('198.51.100.7:4717'))).toBe('203.0.113.5:4717');
    expect(net.get('198.51.100.7').node.metrics.value('stun', 'answered')).toBe(1);
  });

  it('asks again what was lost, and gives up in the end', async () => {
    const net = await network('stun loss', '203.0.113.5', '198.51.100.7');
    const asker = net.get('203.0.113.5').node;
    net.world.network.set({ blocked: true });
    const late = asker.stun.ask('198.51.100.7:4717');
    await net.world.advance(2000);
    net.world.network.set({ blocked: false });
    expect(await net.world.until(late)).toBe('203.0.113.5:4717');
    await expect(net.world.until(asker.stun.ask('198.51.100.99:4717'))).rejects.toMatchObject({ code: 'timeout' });
  });

  it('believes no answer from another address, and none twice', async () => {
    const net = await network('stun liar', '203.0.113.5', '198.51.100.7', '192.0.2.66');
    const asker = net.get('203.0.113.5').node;
    const liar = net.get('192.0.2.66').node;
    // Whoever sees the question could answer it; here the liar answers first, with the right transaction and its own address.
    const off = net.world.network.onFrame(({ kind, to, bytes }) => {
      if (kind !== 'datagram' || to !== '198.51.100.7') return undefined;
      const answer = Uint8Array.from([...bytes.subarray(0, 20), 0, 0x20, 0, 8, 0, 1, 0, 0, 1, 2, 3, 4]);
      new DataView(answer.buffer).setUint32(0, 0x0101_000c);
      liar.udp.send('203.0.113.5:4717', answer);
      return { delayMs: 100 };
    });
    expect(await net.world.until(asker.stun.ask('198.51.100.7:4717'))).toBe('203.0.113.5:4717');
    off();
    expect(asker.metrics.value('rejections', 'stun-unasked')).toBe(1);
  });

  it('answers one network only so often, and is not moved by noise', async () => {
    const net = await network('stun flood', '203.0.113.5', '198.51.100.7');
    const asker = net.get('203.0.113.5').node;
    const server = net.get('198.51.100.7').node;
    const question = Uint8Array.from([0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, ...new Array(12).fill(7)]);
    for (let i = 0; i < 500; i++) asker.udp.send('198.51.100.7:4717', question);
    for (let byte = 0; byte < 0x40; byte++) asker.udp.send('198.51.100.7:4717', Uint8Array.of(byte, 1, 2, 3));
    await net.world.advance(1000);
    expect(server.metrics.value('stun', 'answered')).toBe(50);
    expect(server.metrics.value('rejections', 'stun-quota')).toBe(450);
    expect(server.metrics.value('rejections', 'stun-malformed')).toBe(64);
    expect(net.errors()).toEqual([]);
  });

  it('refuses what it does not understand, in few bytes', async () => {
    const net = await network('stun unknown', '203.0.113.5', '198.51.100.7');
    const asker = net.get('203.0.113.5').node;
    const sizes: number[] = [];
    net.world.network.onFrame(({ kind, from, bytes }) => {
      if (kind === 'datagram' && from === '198.51.100.7') sizes.push(bytes.length);
      return undefined;
    });
    // PRIORITY of ICE needs to be understood.
    const head = [0, 1, 0, 8, 0x21, 0x12, 0xa4, 0x42, ...new Array(12).fill(7)];
    asker.udp.send('198.51.100.7:4717', Uint8Array.from([...head, 0, 0x24, 0, 4, 1, 2, 3, 4]));
    await net.world.advance(1000);
    expect(net.get('198.51.100.7').node.metrics.value('stun', 'unknown attribute')).toBe(1);
    expect(sizes).toEqual([36]);
  });

  it('ends with the node', async () => {
    const net = await network('stun end', '203.0.113.5');
    const { node } = net.get('203.0.113.5');
    const asked = node.stun.ask('198.51.100.99:4717');
    asked.catch(() => {});
    expect(await net.stop('203.0.113.5')).toBe(0);
    await expect(asked).rejects.toMatchObject({ code: 'aborted' });
  });
});
