import { createCrypto } from '@parley/host';
import { describe, expect, it } from 'vitest';
import { CompactNetwork, NO_TROUBLE } from '../compact/network.ts';
import { type WorldCrypto, worldCrypto } from './crypto.ts';
import { WholeNetwork } from './network.ts';

const NODES = 40;
const ECLIPSED = 60;
/** With real signatures each costs a hundred times as much. */
const SIGNING = 24;

async function run(crypto: WorldCrypto): Promise<unknown> {
  const network = new WholeNetwork(SIGNING, 'agree', crypto);
  await network.grow(SIGNING, () => {});
  const { success, costs } = await network.find(60);
  return { success, costs, state: network.state(), packets: network.world.network.counters.datagrams };
}

describe('whole servers without links', () => {
  it('do the same with hashes in the place of signatures, packet by packet', async () => {
    const real = await run({ ...createCrypto(), keyOf: () => expect.fail('no key is chosen here') });
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

describe('hostile servers among whole ones', () => {
  it('are met where they stand, drop or lie, and do not hide what others have', async () => {
    const network = new WholeNetwork(NODES, 'hostile');
    await network.grow(NODES, () => {});
    const lost = network.lose(4);
    await network.turn(0.3);
    expect(network.present).toHaveLength(25);
    for (const way of ['lie', 'drop'] as const) {
      network.liars.way = way;
      expect((await network.find(40, lost)).success).toBe(1);
    }
    await network.turn(0.5);
    expect(network.present).toHaveLength(18);
  });

  it('hide a record when all places at its key are theirs, and not before: as over compact tables', async () => {
    const network = new WholeNetwork(ECLIPSED, 'eclipse');
    await network.grow(ECLIPSED, () => {});
    const target = { high: 0x1234_5678, low: 0x9abc_def0 };
    for (const [count, networks, success] of [
      [10, 10, 1],
      [25, 25, 0],
      [40, 4, 1],
    ] as const) {
      const victim = await network.eclipse(count, networks);
      const what = `${count} in ${networks} networks`;
      expect((await network.find(20, [victim])).success, what).toBe(success);
      const compact = new CompactNetwork(ECLIPSED, what, { ...NO_TROUBLE, eclipse: count, networks, way: 'lie' }, target);
      for (let i = 0; i < 20; i++) expect(compact.lookup(target).found, what).toBe(success === 1);
    }
  });

  it('find each other while half of them change', async () => {
    const network = new WholeNetwork(NODES, 'churn');
    await network.grow(NODES, () => {});
    const present = network.present.length;
    await network.churn(10 * 60_000, 10 * 60_000);
    expect(network.present).toHaveLength(present);
    expect((await network.find(60)).success).toBeGreaterThan(0.95);
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
