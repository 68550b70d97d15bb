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

it.each([0, 20, 40, 60, 80, 100, 120])('whoever declines while the key is being checked is no member (after %i ms)', async (ms) => {
  const net = new Network({ seed: 'declined', signatureMs: 100 });
  await around(net, ['ann', 'cat']);
  const id = await closedChannel(net, ['ann']);
  const { node } = net.get('cat');
  const { closed } = node.channels;
  await net.world.until(net.get('ann').node.channels.closed.invite(id, net.idOf('cat')));
  await net.world.runUntil(() => closed.invitations().length === 1);
  const accepted = closed.accept(id).catch(() => {});
  // First it is checked from whom it comes, then what is in it, then what this node signs itself.
  await net.world.runUntil(() => node.metrics.value('received', 'KEY') === 1);
  await net.world.advance(ms);
  const declining = closed.decline(id).then(
    () => true,
    () => false,
  );
  // Not where it was too late for that.
  const declined = await net.world.until(declining);
  await net.world.advance(MINUTE);
  expect(node.channels.isJoined(id)).toBe(!declined);
  await accepted;
});
