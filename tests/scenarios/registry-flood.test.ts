import { registryDefaults, STORE_PACKET, writeQuestion } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { Network } from './lib/network.ts';
import { UdpStranger } from './lib/udp-stranger.ts';

const SERVER = '10.0.0.1';

async function begin(seed: string): Promise<{ net: Network; stranger: UdpStranger }> {
  const net = new Network({ seed });
  await net.server(SERVER, { udp: true });
  return { net, stranger: await UdpStranger.bind(net, '10.9.9.9') };
}

/** Sends so many different records at once, none of which is signed by its key. */
async function flood(net: Network, stranger: UdpStranger, count: number): Promise<void> {
  const good = await stranger.record(1);
  await stranger.store(SERVER, good);
  const { publicKey: key } = stranger.identity;
  for (let i = 0; i < count; i++) {
    const record = Uint8Array.from(good);
    record.set(net.world.random.bytes(64), 33);
    const head = { transaction: net.world.random.bytes(8), key, session: net.world.random.bytes(32), token: stranger.tokenOf(SERVER) };
    stranger.send(SERVER, writeQuestion({ ...head, wantsSignature: false, body: { kind: STORE_PACKET, record } }));
  }
  await net.world.advance(100);
}

describe('whoever sends ever new records', () => {
  it('has few of their signatures checked, and others are heard meanwhile', async () => {
    const { net, stranger } = await begin('record flood');
    const { metrics } = net.get(SERVER).node;
    await flood(net, stranger, 1500);
    const { recordsPerSecond } = registryDefaults;
    expect(metrics.value('rejections', 'record-signature')).toBeGreaterThan(0);
    expect(metrics.value('rejections', 'record-signature')).toBeLessThanOrEqual(2 * recordsPerSecond + recordsPerSecond);
    expect(metrics.value('rejections', 'registry-record-quota')).toBeGreaterThan(800);
    const honest = await UdpStranger.bind(net, '10.8.8.8');
    expect(await honest.store(SERVER, await honest.record(1))).toBe('stored');
    await net.world.advance(10_000);
    expect(await stranger.store(SERVER, await stranger.record(2))).toBe('stored');
  });

  it('from many networks have no more checked in all than a server can bear', async () => {
    const { net, stranger } = await begin('record flood from everywhere');
    const { metrics } = net.get(SERVER).node;
    await flood(net, stranger, 400);
    for (let i = 0; i < 15; i++) await flood(net, await UdpStranger.bind(net, `10.7.${i}.1`), 400);
    const seconds = net.world.clock.monotonic() / 1000;
    const { allRecordsPerSecond: rate } = registryDefaults;
    expect(metrics.value('rejections', 'record-signature')).toBeLessThanOrEqual(2 * rate + rate * seconds);
  });
});
