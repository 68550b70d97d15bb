import { expect, it } from 'vitest';
import { closedChannel, settled } from './lib/closed.ts';
import { around } from './lib/friends.ts';
import { Network } from './lib/network.ts';

const MINUTE = 60_000;

it('invitations that are still being checked count: one inviter has no more open than others may have', async () => {
  const net = new Network({ seed: 'invitations at once', signatureMs: 100 });
  await around(net, ['ann', 'eve']);
  const { channels } = net.get('eve').node;
  const made: string[] = [];
  for (let i = 0; i < 15; i++) made.push((await net.world.until(channels.createClosed(`win${i}`))).id);
  await net.world.until(Promise.all(made.map((id) => channels.closed.invite(id, net.idOf('ann')))));
  await net.world.advance(MINUTE);
  expect(net.get('ann').node.channels.closed.invitations().length).toBe(10);
});

it.each([20, 200, 500])(
  'an invitation that is still being checked when another was accepted invites no member (%i ms a signature)',
  async (ms) => {
    const net = new Network({ seed: 'invited twice', signatureMs: ms });
    await around(net, ['ann', 'ben', 'cat']);
    const id = await closedChannel(net, ['ann', 'ben']);
    const { closed } = net.get('cat').node.channels;
    for (const host of ['ann', 'ben']) await net.world.until(net.get(host).node.channels.closed.invite(id, net.idOf('cat')));
    await net.world.runUntil(() => closed.invitations().length === 1);
    await net.world.until(closed.accept(id));
    await settled(net, id, ['ann', 'ben', 'cat']);
    await net.world.advance(MINUTE);
    expect(closed.invitations()).toEqual([]);
  },
);

it('a key that is still being checked when its channel is declined makes nobody a member', async () => {
  const net = new Network({ seed: 'declined', signatureMs: 100 });
  await around(net, ['ann', 'cat']);
  const id = await closedChannel(net, ['ann']);
  const { channels } = net.get('cat').node;
  await net.world.until(net.get('ann').node.channels.closed.invite(id, net.idOf('cat')));
  await net.world.runUntil(() => channels.closed.invitations().length === 1);
  let came = false;
  net.world.network.onFrame(({ to, bytes }) => {
    if (to === 'cat' && Buffer.from(bytes).includes('"msg_type":"KEY"')) came = true;
    return undefined;
  });
  const accepted = channels.closed.accept(id).catch((error: { code?: string }) => error.code);
  await net.world.runUntil(() => came);
  // It is proved from whom it comes by then, and what is in it is not.
  await net.world.runUntil(() => net.get('cat').node.metrics.value('received', 'KEY') === 1);
  await net.world.advance(60);
  await net.world.until(channels.closed.decline(id));
  await net.world.advance(MINUTE);
  expect(channels.isJoined(id)).toBe(false);
  expect(await accepted).toBe('timeout');
});
