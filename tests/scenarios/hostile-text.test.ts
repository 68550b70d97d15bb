import { base64, MESSAGE, type ParleyError, signJws, timestamp } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { LinkLab, Puppet } from './lib/link-lab.ts';
import { Network } from './lib/network.ts';

async function lobby(seed: string) {
  const net = new Network({ seed });
  await net.server('s');
  for (const host of ['a', 'b']) {
    await net.client(host);
    net.link(host, 's');
  }
  return { net, id: await net.channel('lobby', 'a', 'b') };
}

const WRONG: [string, string][] = [
  ['nothing', ''],
  ['half of a character', 'a\ud800b'],
  ['the other half', '\udc00'],
  ['a NUL', 'a\0b'],
  ['a carriage return', 'a\rb'],
  ['an escape sequence', '\u001b[31mred'],
  ['an escape sequence in one character', '\u009b31mred'],
  ['a DEL', 'a\u007f'],
  ['more than may be', 'ü'.repeat(40_000)],
];

describe('texts', () => {
  it('that nobody would take are not sent, and the next message is not waited for in vain', async () => {
    const { net, id } = await lobby('text-1');
    // A carriage return of one's own becomes a line feed.
    for (const [what, text] of WRONG.filter(([name]) => name !== 'a carriage return')) {
      const outcome = await net.world.until(
        net
          .get('a')
          .node.channels.send(id, text)
          .then(
            () => 'sent',
            (error: ParleyError) => error.code,
          ),
      );
      expect(['bad-argument', 'too-large'], what).toContain(outcome);
    }
    await net.send('a', id, 'two\nlines,\ta tab, 😀 and \u0301');
    await net.world.advance(3000);
    expect(net.texts('b')).toEqual(['two\nlines,\ta tab, 😀 and \u0301']);
    expect(net.get('b').gaps).toEqual([]);
  });

  it('that a stranger signed all the same are shown to nobody', async () => {
    const { net, id } = await lobby('text-2');
    const identity = await new LinkLab('text-2 stranger').identity('stranger');
    const transport = net.world.network.transport('stranger', { certificate: identity.certificate });
    const puppet = new Puppet(net.world, identity, await net.world.until(transport.dial('s:4000', new AbortController().signal)));
    puppet.hello();
    await net.world.runUntil(() => net.get('s').node.links.size === 3);
    await net.world.advance(3000);
    const now = timestamp(net.world.clock.now());
    for (const [index, text] of [...WRONG.map(([, wrong]) => wrong), 'fine'].entries()) {
      const around = {
        msg_id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
        node_id: identity.nodeId,
        channel_id: id,
        timestamp: now,
      };
      const jws = await signJws(identity, { ...around, text, attachments: [], seq: index + 1 });
      const recipient = [{ node_id: net.get('b').identity.nodeId }];
      puppet.say(MESSAGE, { ...around, channel: 'lobby', recipient, message: base64(new TextEncoder().encode(jws)) }, { ttl: 32 });
    }
    await net.world.advance(10_000);
    expect(net.texts('b')).toEqual(['fine']);
    const { metrics } = net.get('b').node;
    expect(metrics.value('rejections', 'message-text') + metrics.value('rejections', 'origin-unproved')).toBe(WRONG.length);
  });
});
