import { describe, expect, it } from 'vitest';
import { Network } from './lib/network.ts';

/** a, b and c at one server, met in #lobby, where a has said some things. */
async function begin(seed: string): Promise<{ net: Network; lobby: string; said: string[] }> {
  const net = new Network({ seed, conditions: { latencyMs: 5 } });
  await net.server('s');
  for (const host of ['a', 'b', 'c']) {
    await net.client(host);
    net.link(host, 's');
  }
  const lobby = await net.channel('lobby', 'b', 'a', 'c');
  const said = Array.from({ length: 5 }, (_, i) => `before ${i}`);
  for (const text of said) await net.send('a', lobby, text);
  await net.world.runUntil(() => net.texts('b').length === said.length && net.texts('c').length === said.length);
  return { net, lobby, said };
}

/** a's identity goes on with an empty disk, as after a restored backup. */
async function loseStore(net: Network): Promise<void> {
  net.crash('a');
  net.world.drive('a').replace();
  await net.world.advance(2000);
  await net.restart('a');
}

describe('an identity whose store was lost', () => {
  it('does not give a number again that others hold: what it writes at once reaches all of them', async () => {
    const { net, lobby, said } = await begin('lost store');
    await loseStore(net);
    await net.join(lobby, 'a');
    const after = ['after 0', 'after 1', 'after 2'];
    const { channels } = net.get('a').node;
    const sent = await net.world.until(Promise.all(after.map((text) => channels.send(lobby, text))));
    expect(sent.map(({ seq }) => seq)).toEqual([6, 7, 8]);
    await net.world.advance(60_000);
    for (const host of ['a', 'b', 'c']) expect(await net.history(host, lobby)).toEqual([...said, ...after]);
    expect(net.texts('b')).toEqual([...said, ...after]);
    for (const { msgId } of sent) expect(await net.world.until(channels.delivery(msgId))).toMatchObject({ state: 'delivered' });
    expect(net.get('b').gaps).toEqual([]);
  });

  it('is told when it used a number again where nobody could be asked: nothing is called delivered that is not', async () => {
    const { net, lobby, said } = await begin('lost store, alone');
    await loseStore(net);
    await net.join(lobby, 'a');
    // Nobody is in reach while it writes.
    net.crash('s');
    await net.world.advance(60_000);
    const sent = await net.send('a', lobby, 'written alone');
    expect(sent.seq).toBe(1);
    await net.restart('s');
    await net.world.advance(120_000);
    const { channels } = net.get('a').node;
    expect(await net.world.until(channels.delivery(sent.msgId))).toMatchObject({ state: 'failed' });
    expect(await net.history('b', lobby)).toEqual(said);
    // From then on its numbers are its own again.
    expect((await net.send('a', lobby, 'written again')).seq).toBe(6);
    await net.world.advance(30_000);
    expect(await net.history('b', lobby)).toEqual([...said, 'written again']);
  });

  it('writes at once where nobody has written yet', async () => {
    const net = new Network({ seed: 'first words', conditions: { latencyMs: 5 } });
    await net.server('s');
    for (const host of ['a', 'b']) {
      await net.client(host);
      net.link(host, 's');
    }
    const lobby = await net.channel('lobby', 'b', 'a');
    const begun = net.world.clock.now();
    expect((await net.send('a', lobby, 'hello')).seq).toBe(1);
    expect(net.world.clock.now() - begun).toBeLessThan(1000);
  });
});

describe('a channel that is made again', () => {
  it('is the same one, also after a crash', async () => {
    const net = new Network({ seed: 'made twice' });
    await net.client('a');
    const nonce = `${'A'.repeat(43)}=`;
    const create = (name: string, given = nonce) => net.world.until(net.get('a').node.channels.create(name, given));
    const [first, second] = await Promise.all([create('lobby'), create('lobby')]);
    expect(second.id).toBe(first.id);
    net.crash('a');
    await net.restart('a');
    expect((await create('lobby')).id).toBe(first.id);
    await expect(create('other')).rejects.toMatchObject({ code: 'conflict' });
    await expect(create('lobby', 'short')).rejects.toMatchObject({ code: 'bad-argument' });
    expect(net.get('a').node.channels.list()).toHaveLength(1);
    expect((await create('lobby', `B${'A'.repeat(42)}=`)).id).not.toBe(first.id);
  });
});
