import { describe, expect, it } from 'vitest';
import { clients, closedChannel } from './lib/closed.ts';
import { around, befriend } from './lib/friends.ts';
import { Network } from './lib/network.ts';

const MINUTE = 60_000;

/** Ann and ben behind a server, contacts of each other; the id of their conversation. */
async function begin(seed: string): Promise<{ net: Network; id: string }> {
  const net = new Network({ seed });
  await around(net, ['ann', 'ben']);
  await befriend(net, 'ann', 'ben');
  const id = net.get('ann').node.direct.idWith(net.get('ben').identity.keyId);
  await net.world.runUntil(() => ['ann', 'ben'].every((host) => net.knows(host, id)), { limitMs: MINUTE, what: 'the conversation' });
  return { net, id };
}

async function stateOf(net: Network, host: string, msgId: string): Promise<string | undefined> {
  return (await net.world.until(net.get(host).node.channels.delivery(msgId)))?.state;
}

/** The user of a node looks at all that is there. */
async function readAll(net: Network, host: string, id: string): Promise<void> {
  const { channels } = net.get(host).node;
  const [last] = await net.world.until(channels.archive.history(id, { limit: 1 }));
  if (last) await net.world.until(channels.markRead(id, last.cursor));
}

const share = (net: Network, host: string, readMarks: boolean) => net.world.until(net.get(host).node.settings.set({ readMarks }));

describe('a read mark', () => {
  it('reaches the sender once the other has seen the message, and is kept there', async () => {
    const { net, id } = await begin('read mark');
    const told: string[] = [];
    net.get('ann').node.channels.events.on('delivery', ({ delivery }) => told.push(delivery.state));
    const { msgId } = await net.send('ann', '@ben', 'look');
    await net.world.advance(5000);
    expect(await stateOf(net, 'ann', msgId)).toBe('delivered');
    await readAll(net, 'ben', id);
    await net.world.advance(5000);
    expect(await stateOf(net, 'ann', msgId)).toBe('read');
    expect(told.at(-1)).toBe('read');
    net.crash('ann');
    await net.restart('ann');
    expect(await stateOf(net, 'ann', msgId)).toBe('read');
    // What is owed to nobody any more is on no disk.
    await net.world.advance(2 * MINUTE);
    expect(net.world.drive('ben').disk.range('read_marks', { limit: 10 })).toEqual([]);
  });

  it('for one who is away is told when they are back, over restarts of the reader', async () => {
    const { net, id } = await begin('read mark later');
    const { msgId } = await net.send('ann', '@ben', 'look');
    await net.world.advance(5000);
    net.crash('ann');
    await net.world.advance(2 * MINUTE);
    await readAll(net, 'ben', id);
    net.crash('ben');
    await net.restart('ben');
    await net.restart('ann');
    await net.world.advance(MINUTE);
    expect(await stateOf(net, 'ann', msgId)).toBe('read');
  });

  it('that was lost with the link is told again', async () => {
    const { net, id } = await begin('read mark lost');
    const { msgId } = await net.send('ann', '@ben', 'look');
    await net.world.advance(5000);
    // Nobody has noticed yet that ann is gone.
    net.crash('ann', { silent: true });
    await readAll(net, 'ben', id);
    await net.world.advance(5 * MINUTE);
    await net.restart('ann');
    await net.world.advance(MINUTE);
    expect(await stateOf(net, 'ann', msgId)).toBe('read');
  });

  it('is neither sent nor seen by who turned it off, also of before', async () => {
    const { net, id } = await begin('read mark off');
    const first = await net.send('ann', '@ben', 'first');
    await net.world.advance(5000);
    await readAll(net, 'ben', id);
    await net.world.advance(5000);
    await share(net, 'ann', false);
    expect(await stateOf(net, 'ann', first.msgId)).toBe('delivered');
    const second = await net.send('ann', '@ben', 'second');
    const answer = await net.send('ben', '@ann', 'answer');
    await net.world.advance(5000);
    await readAll(net, 'ben', id);
    await readAll(net, 'ann', id);
    await net.world.advance(5000);
    expect(await stateOf(net, 'ben', answer.msgId)).toBe('delivered');
    expect(await stateOf(net, 'ann', second.msgId)).toBe('delivered');
    // It is not made up for later.
    net.crash('ann');
    await net.restart('ann');
    expect(net.get('ann').node.settings.get().readMarks).toBe(false);
    await share(net, 'ann', true);
    await net.world.advance(MINUTE);
    expect(await stateOf(net, 'ben', answer.msgId)).toBe('delivered');
    expect(await stateOf(net, 'ann', second.msgId)).toBe('delivered');
  });

  it('that waits is forgotten when the reader turns it off', async () => {
    const { net, id } = await begin('read mark waits');
    const { msgId } = await net.send('ann', '@ben', 'look');
    await net.world.advance(5000);
    net.crash('ann');
    await net.world.advance(2 * MINUTE);
    await readAll(net, 'ben', id);
    await share(net, 'ben', false);
    await share(net, 'ben', true);
    await net.restart('ann');
    await net.world.advance(MINUTE);
    expect(await stateOf(net, 'ann', msgId)).toBe('delivered');
  });

  it('is not told to who was blocked meanwhile', async () => {
    const { net, id } = await begin('read mark blocked');
    const { msgId } = await net.send('ann', '@ben', 'look');
    await net.world.advance(5000);
    await net.world.until(net.get('ben').node.contacts.block(net.get('ann').identity.keyId));
    await readAll(net, 'ben', id);
    await net.world.advance(MINUTE);
    expect(await stateOf(net, 'ann', msgId)).toBe('delivered');
  });

  it('is not told to who is blocked in a closed channel that both are in', async () => {
    const net = await clients('read mark blocked closed', 'ann', 'ben', 'cat');
    const id = await closedChannel(net, ['ann', 'ben', 'cat']);
    await net.world.until(net.get('ann').node.contacts.block(net.get('ben').identity.keyId));
    const { msgId } = await net.send('ben', id, 'are you there?');
    await net.world.advance(5000);
    await readAll(net, 'ann', id);
    await readAll(net, 'cat', id);
    await net.world.advance(2 * MINUTE);
    const delivery = await net.world.until(net.get('ben').node.channels.delivery(msgId));
    expect(['ann', 'cat'].map((host) => delivery?.recipients[net.idOf(host)]?.state)).toEqual(['delivered', 'read']);
  });

  it('of a closed channel is there when everybody has seen it; in public nobody tells', async () => {
    const net = await clients('read mark closed', 'ann', 'ben', 'cat');
    const closed = await closedChannel(net, ['ann', 'ben', 'cat']);
    const open = await net.channel('garden', 'ann', 'ben');
    const { msgId } = await net.send('ann', closed, 'look');
    const inPublic = await net.send('ann', open, 'look');
    await net.world.advance(5000);
    await readAll(net, 'ben', closed);
    await readAll(net, 'ben', open);
    await net.world.advance(5000);
    const { nodeId: ben } = net.get('ben').identity;
    const delivery = await net.world.until(net.get('ann').node.channels.delivery(msgId));
    expect([delivery?.state, delivery?.recipients[ben]?.state]).toEqual(['delivered', 'read']);
    await readAll(net, 'cat', closed);
    await net.world.advance(5000);
    expect(await stateOf(net, 'ann', msgId)).toBe('read');
    expect(await stateOf(net, 'ann', inPublic.msgId)).toBe('delivered');
    // Nor is it believed there.
    net.get('ben').node.overlay.receipt(net.idOf('ann'), inPublic.msgId, 'read');
    await net.world.advance(5000);
    expect(await stateOf(net, 'ann', inPublic.msgId)).toBe('delivered');
    expect(net.errors()).toEqual([]);
  });
});
