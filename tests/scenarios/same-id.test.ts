import { createHash } from 'node:crypto';
import { base64, MESSAGE, signJws, timestamp, Views } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { fileService } from '../../packages/core/src/api/files.ts';
import { Network } from './lib/network.ts';

const MINUTE = 60_000;
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Ids of messages are their senders' own choice: a member says something under the id of another's. */
async function sayAs(
  net: Network,
  host: string,
  to: readonly string[],
  id: string,
  msgId: string,
  text: string,
  seq: number,
  file?: string,
) {
  const { identity, node } = net.get(host);
  const about = { msg_id: msgId, node_id: identity.nodeId, channel_id: id, timestamp: timestamp(net.world.clock.now()) };
  const bytes = utf8(file ?? '');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const attachments = file === undefined ? [] : [{ sha256, type: 'text/plain', size: bytes.length, name: 'invoice.txt' }];
  const attachment = file === undefined ? {} : { attachment: [{ attachment: base64(bytes), attachment_type: 'text/plain' }] };
  const jws = await signJws(identity, { ...about, text, attachments, seq });
  const recipient = to.map((one) => ({ node_id: net.idOf(one) }));
  const data = { msg_id: msgId, recipient, timestamp: about.timestamp, channel: 'lobby', channel_id: id, ...attachment };
  const message = base64(utf8(jws));
  await net.world.until(
    node.overlay.entrust(MESSAGE, { ...data, message }, { msgId, recipients: recipient.map(({ node_id }) => node_id), receipts: true }),
  );
  await net.world.runUntil(() => to.every((one) => net.textsFrom(one, host).includes(text)), { limitMs: MINUTE });
}

async function begin(seed: string) {
  const net = new Network({ seed, conditions: { latencyMs: 5 } });
  await net.server('s');
  for (const host of ['ann', 'ben', 'eve', 'eve2']) {
    await net.client(host);
    net.link(host, 's');
  }
  const id = await net.channel('lobby', 'ann', 'ben', 'eve', 'eve2');
  return { net, id };
}

describe('a message under the id of another', () => {
  it('does not put its file in the place of the one that the user saves', async () => {
    const { net, id } = await begin('same id, file');
    const attachments = [{ name: 'invoice.txt', type: 'text/plain', bytes: utf8('pay to ben') }];
    const { msgId } = await net.world.until(net.get('ben').node.channels.send(id, 'the invoice', { attachments }));
    await net.world.runUntil(() => ['ann', 'eve'].every((host) => net.texts(host).includes('the invoice')), { limitMs: MINUTE });
    await sayAs(net, 'eve', ['ann'], id, msgId, 'hello', 1, 'pay to eve');
    const { node } = net.get('ann');
    const service = fileService(node, new Views(node), (channel) => channel);
    const open = async (which: string): Promise<string> => {
      const { pieces } = await service.open(id, which, 0);
      let text = '';
      for await (const piece of pieces) text += new TextDecoder().decode(piece);
      return text;
    };
    const page = await net.world.until(node.channels.archive.history(id, { limit: 10 }));
    const cursors = page.filter((message) => message.msgId === msgId).map(({ cursor }) => cursor);
    await expect(net.world.until(open(msgId))).rejects.toMatchObject({
      code: 'conflict',
      data: { cursors: expect.arrayContaining(cursors) },
    });
    const cursor = page.find(({ text }) => text === 'the invoice')?.cursor ?? '';
    expect(await net.world.until(open(cursor))).toBe('pay to ben');
  });

  it('does not keep whoever owns the channel from deleting the first', async () => {
    const { net, id } = await begin('same id, deletion');
    const { msgId } = await net.send('eve', id, 'something vile');
    await net.world.runUntil(() => ['ann', 'ben'].every((host) => net.texts(host).includes('something vile')), { limitMs: MINUTE });
    await sayAs(net, 'eve2', ['ann', 'ben', 'eve'], id, msgId, 'hello', 1);
    const { channels } = net.get('ann').node;
    await expect(net.world.until(channels.act(id, 'delete', msgId))).rejects.toMatchObject({ code: 'conflict' });
    const page = await net.world.until(channels.archive.history(id, { limit: 10 }));
    await net.world.until(channels.act(id, 'delete', page.find(({ text }) => text === 'something vile')?.cursor ?? ''));
    await net.world.advance(MINUTE);
    expect(await net.history('ann', id)).not.toContain('something vile');
    expect(await net.history('ben', id)).not.toContain('something vile');
  });
});
