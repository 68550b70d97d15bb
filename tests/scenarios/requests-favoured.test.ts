import { expect, it } from 'vitest';
import { closedChannel } from './lib/closed.ts';
import { around, contactOf } from './lib/friends.ts';
import { Network } from './lib/network.ts';

const MINUTE = 60_000;

it('a request of somebody from a closed channel of the user does not give way to strangers who have just joined a public one', async () => {
  const net = new Network({ seed: 'favoured' });
  const { world } = net;
  const strangers = Array.from({ length: 7 }, (_, i) => `e${i}`);
  // Five in place of a hundred, so that few strangers do.
  await around(net, ['ann', 'ben', ...strangers], { contacts: { maxOpen: 5 } });
  await closedChannel(net, ['ann', 'ben']);
  await world.until(net.get('ben').node.contacts.add(net.get('ann').node.contacts.link));
  await world.runUntil(() => contactOf(net, 'ann', 'ben')?.state === 'incoming', { limitMs: MINUTE });
  await net.channel('lobby', 'ann', ...strangers);
  for (const host of strangers) {
    await world.until(net.get(host).node.contacts.add(net.get('ann').node.contacts.link));
    await world.advance(2000);
  }
  await world.advance(MINUTE);
  expect(contactOf(net, 'ann', 'ben')?.state).toBe('incoming');
});
