import { base64, HISTORY, signJws, timestamp } from '@parley/core';
import { expect, it } from 'vitest';
import { Network } from './lib/network.ts';
import { guid } from './lib/stranger.ts';

const MINUTE = 60_000;
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

it.each([3, 2001])('what the owner has deleted its author cannot show to a newcomer, behind %d things that it did to it', async (count) => {
  const net = new Network({ seed: 'hidden deletion', conditions: { latencyMs: 5 } });
  await net.server('s');
  for (const host of ['ann', 'ben', 'eve', 'joe']) {
    await net.client(host);
    net.link(host, 's');
  }
  const id = await net.channel('lobby', 'ann', 'ben', 'eve');
  const { msgId } = await net.send('eve', id, 'something vile');
  await net.world.runUntil(() => ['ann', 'ben'].every((host) => net.texts(host).includes('something vile')), { limitMs: MINUTE });
  const { identity, node } = net.get('eve');
  const [{ m = '' } = {}] = net.world
    .drive('eve')
    .disk.range('history', { limit: 10 })
    .map(({ value }) => JSON.parse(String(value)) as { m: string });
  await net.world.until(net.get('ann').node.channels.act(id, 'delete', msgId));
  await net.world.advance(5000);
  net.crash('eve');
  await net.join(id, 'joe');
  await net.world.advance(2 * MINUTE);
  expect(await net.history('joe', id)).toEqual([]);
  await net.restart('eve');
  await net.world.runUntil(() => net.reaches('eve', 'joe') && net.reaches('joe', 'eve'), { limitMs: MINUTE });
  const messages: string[] = [];
  const now = timestamp(net.world.clock.now());
  for (let seq = 2; seq < 2 + count; seq++) {
    const about = { msg_id: guid(1000 + seq), node_id: identity.nodeId, channel_id: id, timestamp: now };
    const act = { kind: 'edit', msg_id: msgId, node_id: identity.nodeId, seq: 1 };
    messages.push(base64(utf8(await signJws(identity, { ...about, text: 'vile', attachments: [], seq, act }))));
  }
  messages.push(m);
  const { overlay } = net.get('eve').node;
  for (let i = 0; messages.length > 0; i++) {
    const data = { msg_id: guid(8000 + i), recipient_id: net.idOf('joe'), channel_id: id, messages: messages.splice(0, 150) };
    await net.world.until(overlay.send(HISTORY, data));
    await net.world.advance(2000);
  }
  await net.world.advance(MINUTE);
  expect((await net.history('joe', id)).filter((text) => text !== '')).toEqual([]);
  expect(node.identity.nodeId).toBe(identity.nodeId);
});
