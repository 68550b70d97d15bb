import { afterEach, describe, expect, it } from 'vitest';
import { Network } from './lib/network.ts';

let network: Network;

/** ann – north – south – ben, and a channel of both. */
async function line(): Promise<string> {
  network = new Network({ seed: 'receipts', conditions: { latencyMs: 20 } });
  await network.server('north');
  await network.server('south');
  await network.client('ann');
  await network.client('ben');
  network.link('north', 'south');
  network.link('ann', 'north');
  network.link('ben', 'south');
  return network.channel('garden', 'ann', 'ben');
}

const deliveredTo = (host: string, msgId: string): boolean => network.get(host).node.overlay.pendingRecipients(msgId).length === 0;

afterEach(() => console.log(network.world.describeSeed()));

describe('a receipt', () => {
  it('that finds no way yet waits for one, rather than for the message to be repeated', async () => {
    const garden = await line();
    network.crash('north');
    await network.world.advance(5_000);
    const { msgId } = await network.send('ann', garden, 'are you there?');
    await network.world.advance(1_000);
    await network.restart('north');
    await network.world.runUntil(() => network.texts('ben').includes('are you there?'), { limitMs: 60_000, what: 'that ben has it' });
    await network.world.runUntil(() => deliveredTo('ann', msgId), { limitMs: 10_000, what: 'that ann knows it' });
    expect(network.errors()).toEqual([]);
  });

  it('is waited for, and shown to be, also where its message was written just before a crash', async () => {
    const garden = await line();
    network.crash('north');
    await network.world.advance(5_000);
    const { msgId } = await network.send('ann', garden, 'and off');
    network.crash('ann');
    const delivery = () => network.get('ann').node.channels.delivery(msgId);
    await network.restart('ann');
    expect(await delivery()).toEqual({ state: 'sending', recipients: { [network.idOf('ben')]: { state: 'waiting' } } });
    await network.restart('north');
    network.link('ann', 'north');
    await network.world.runUntil(() => deliveredTo('ann', msgId), { limitMs: 60_000, what: 'that ann knows it' });
    expect((await delivery())?.state).toBe('delivered');
    expect(network.errors()).toEqual([]);
  });

  it('of many is told together with what else came in that instant, not once for each recipient', async () => {
    network = new Network({ seed: 'many receipts' });
    await network.server('hub');
    const others = Array.from({ length: 12 }, (_, i) => `m${i}`);
    for (const name of ['ann', ...others]) {
      await network.client(name);
      network.link(name, 'hub');
    }
    const garden = await network.channel('garden', 'ann', ...others);
    const told: { state: string; known: number }[] = [];
    network.get('ann').node.channels.events.on('delivery', ({ delivery }) => {
      const known = Object.values(delivery.recipients).filter(({ state }) => state !== 'waiting').length;
      told.push({ state: delivery.state, known });
    });
    const { msgId } = await network.send('ann', garden, 'all of you');
    await network.world.runUntil(() => deliveredTo('ann', msgId), { limitMs: 60_000, what: 'that all have it' });
    await network.world.advance(100);
    // The hub acknowledges all twelve at once.
    expect(told[0]).toEqual({ state: 'sent', known: 12 });
    expect(told.at(-1)?.state).toBe('delivered');
    expect(told.length).toBeLessThanOrEqual(13);
  });
});
