import { expect, it } from 'vitest';
import { around, befriend } from './lib/friends.ts';
import { Network } from './lib/network.ts';

const MINUTE = 60_000;

it('strangers who have joined a public channel of the user leave room for the invitation of a contact', async () => {
  const net = new Network({ seed: 'invitations full' });
  const { world } = net;
  const strangers = Array.from({ length: 10 }, (_, i) => `e${i}`);
  await around(net, ['ann', 'ben', ...strangers]);
  await befriend(net, 'ann', 'ben');
  await net.channel('lobby', 'ann', ...strangers);
  for (const host of strangers) {
    const { channels } = net.get(host).node;
    for (let i = 0; i < 10; i++) {
      const { id } = await world.until(channels.createClosed(`win-${host}-${i}`));
      await world.until(channels.closed.invite(id, net.idOf('ann')));
    }
  }
  await world.advance(MINUTE);
  const { closed } = net.get('ann').node.channels;
  const open = closed.invitations().length;
  const { channels } = net.get('ben').node;
  const { id } = await world.until(channels.createClosed('birthday'));
  await world.until(channels.closed.invite(id, net.idOf('ann')));
  await world.advance(5 * MINUTE);
  expect({ open, birthday: closed.invitations().some(({ channel }) => channel.id === id) }).toEqual({ open, birthday: true });
});
