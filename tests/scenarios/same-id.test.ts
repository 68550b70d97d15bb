import { createHash } from 'node:crypto';
import { Views } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { fileService } from '../../packages/core/src/api/files.ts';
import { nameTo } from './lib/naming.ts';
import { Network } from './lib/network.ts';

const MINUTE = 60_000;
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

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
    const content = 'pay to eve';
    const sha256 = createHash('sha256').update(content).digest('hex');
    const attached = { sha256, type: 'text/plain', size: content.length, name: 'invoice.txt' };
    await nameTo(net, ['eve', 'ann'], id, [attached], { msgId, content });
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
    await nameTo(net, ['eve2', 'ann', 'ben', 'eve'], id, [], { msgId });
    const { channels } = net.get('ann').node;
    await expect(net.world.until(channels.act(id, 'delete', msgId))).rejects.toMatchObject({ code: 'conflict' });
    const page = await net.world.until(channels.archive.history(id, { limit: 10 }));
    await net.world.until(channels.act(id, 'delete', page.find(({ text }) => text === 'something vile')?.cursor ?? ''));
    await net.world.advance(MINUTE);
    expect(await net.history('ann', id)).not.toContain('something vile');
    expect(await net.history('ben', id)).not.toContain('something vile');
  });
});
