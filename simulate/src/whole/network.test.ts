import type { Crypto } from '@parley/core';
import { createCrypto } from '@parley/host';
import { describe, expect, it } from 'vitest';
import { worldCrypto } from './crypto.ts';
import { WholeNetwork } from './network.ts';

const NODES = 40;

async function run(crypto: Crypto): Promise<unknown> {
  const network = new WholeNetwork(NODES, 'agree', crypto);
  await network.grow(NODES, () => {});
  const { success, costs } = await network.find(60);
  return { success, costs, state: network.state(), packets: network.world.network.counters.datagrams };
}

describe('whole servers without links', () => {
  it('do the same with hashes in the place of signatures, packet by packet', async () => {
    const real = await run(createCrypto());
    expect(await run(worldCrypto(createCrypto()))).toEqual(real);
    expect(real).toMatchObject({ success: 1 });
  });

  it('still find each other after a fifth has left, and forget those', async () => {
    const network = new WholeNetwork(NODES, 'left');
    await network.grow(NODES, () => {});
    network.leave(0.2);
    const left = network.servers.length - network.present.length;
    expect(left).toBeGreaterThan(2);
    expect(network.stale()).toBeGreaterThan(0.05);
    expect((await network.find(60)).success).toBe(1);
    await network.world.advance(40 * 60_000);
    expect(network.stale()).toBe(0);
  });
});

describe('the stand-in for signatures', () => {
  it('tells a signature from what is none', async () => {
    const crypto = worldCrypto(createCrypto());
    const [ann, ben] = [await crypto.signingKey(new Uint8Array(32).fill(1)), await crypto.signingKey(new Uint8Array(32).fill(2))];
    const data = new Uint8Array([1, 2, 3]);
    const signature = await ann.sign(data);
    expect(signature).toHaveLength(64);
    expect(crypto.verify(ann.publicKey, data, signature)).toBe(true);
    expect(crypto.verify(ben.publicKey, data, signature)).toBe(false);
    expect(crypto.verify(ann.publicKey, new Uint8Array([1, 2, 4]), signature)).toBe(false);
    expect(crypto.verify(new Uint8Array(32), data, signature)).toBe(false);
  });
});
