import { TYPING } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { conversation, knows, link } from './lib/devices.ts';
import { around, befriend } from './lib/friends.ts';
import { Network, type ParticipantConfig } from './lib/network.ts';
import { Recording } from './lib/recording.ts';
import { rejected, toldAt, type, typists } from './lib/typing.ts';

const SECOND = 1000;
const MINUTE = 60_000;

/** Ann and ben behind a server, contacts of each other; the id of their conversation. */
async function begin(seed: string, config: Readonly<Record<string, ParticipantConfig>> = {}): Promise<{ net: Network; id: string }> {
  const net = new Network({ seed });
  await around(net, []);
  for (const host of ['ann', 'ben']) {
    await net.client(host, config[host] ?? {});
    net.link(host, 's');
  }
  await net.world.runUntil(() => net.reaches('ann', 'ben') && net.reaches('ben', 'ann'), { what: 'that both reach each other' });
  await befriend(net, 'ann', 'ben');
  const id = conversation(net, 'ann', 'ben');
  await net.world.runUntil(() => ['ann', 'ben'].every((host) => net.knows(host, id)), { limitMs: MINUTE, what: 'the conversation' });
  return { net, id };
}

const share = (net: Network, host: string, typing: boolean) => net.world.until(net.get(host).node.settings.set({ typing }));

describe('typing in a conversation of two', () => {
  it('is seen by the other while it goes on, and no longer', async () => {
    const { net, id } = await begin('typing');
    const told = toldAt(net, 'ben');
    // Every key says so; it is told now and then.
    for (let i = 0; i < 60; i++) {
      type(net, 'ann', id);
      await net.world.advance(200);
      if (i > 5) expect(typists(net, 'ben', id)).toEqual(['ann']);
    }
    expect(net.get('ann').node.metrics.value('sent', TYPING.name)).toBe(3);
    expect(typists(net, 'ann', id)).toEqual([]);
    await net.world.advance(13 * SECOND);
    expect(typists(net, 'ben', id)).toEqual([]);
    expect(told).toEqual(['ann', '']);
    expect(net.errors()).toEqual([]);
  });

  it('ends at once when it was given up, and with the message', async () => {
    const { net, id } = await begin('typing ends');
    type(net, 'ann', id);
    await net.world.advance(SECOND);
    type(net, 'ann', id, false);
    await net.world.advance(SECOND);
    expect(typists(net, 'ben', id)).toEqual([]);
    await net.world.advance(5 * SECOND);
    type(net, 'ann', id);
    await net.world.advance(SECOND);
    expect(typists(net, 'ben', id)).toEqual(['ann']);
    await net.send('ann', id, 'there it is');
    await net.world.advance(500);
    expect([net.texts('ben'), typists(net, 'ben', id)]).toEqual([['there it is'], []]);
    // Nothing is left to be said of it.
    const before = net.get('ann').node.metrics.value('sent', TYPING.name);
    type(net, 'ann', id, false);
    await net.world.advance(SECOND);
    expect(net.get('ann').node.metrics.value('sent', TYPING.name)).toBe(before);
  });

  it.each([60 * MINUTE, -60 * MINUTE])(
    'is neither heard from a clock that is wrong (by %i ms) nor by it, and that is counted',
    async (skewMs) => {
      const { net, id } = await begin(`typing skewed ${skewMs}`);
      net.get('ann').ports.clock.jump(skewMs);
      for (const [host, other] of [
        ['ann', 'ben'],
        ['ben', 'ann'],
      ] as const) {
        type(net, host, id);
        const refused = (): number => rejected(net, other, 'fleeting-stale') + rejected(net, other, 'auth-future');
        await net.world.runUntil(() => refused() > 0, { limitMs: MINUTE, what: 'that it is counted' });
        expect(typists(net, other, id)).toEqual([]);
      }
      net.get('ann').ports.clock.jump(-skewMs);
      await net.world.advance(10 * SECOND);
      type(net, 'ann', id);
      await net.world.runUntil(() => typists(net, 'ben', id).includes('ann'), {
        limitMs: MINUTE,
        what: 'that it is seen with the right time',
      });
      expect(net.errors()).toEqual([]);
    },
  );

  it('is kept by nobody: not on any disk, and for nobody who is away', async () => {
    const { net, id } = await begin('typing is kept by nobody');
    await net.world.advance(MINUTE);
    const custody = (): number => net.world.drive('s').disk.range('custody', { limit: 100 }).length;
    // The server has not noticed yet that ben is gone.
    net.crash('ben', { silent: true });
    const groups = ['ann', 's'].map((host) => net.world.drive(host).groups);
    const held = custody();
    type(net, 'ann', id);
    await net.world.advance(SECOND);
    expect(net.get('s').node.metrics.value('received', 'FLEETING')).toBe(1);
    expect(custody()).toBe(held);
    expect(['ann', 's'].map((host) => net.world.drive(host).groups)).toEqual(groups);
    await net.restart('ben');
    const told = toldAt(net, 'ben');
    await net.world.advance(MINUTE);
    expect(told).toEqual([]);
    const sent = net.get('ann').node.metrics.value('sent', TYPING.name);
    net.crash('ben');
    await net.world.advance(2 * MINUTE);
    type(net, 'ann', id);
    await net.world.advance(SECOND);
    expect(net.get('ann').node.metrics.value('sent', TYPING.name)).toBe(sent);
  });

  it('says on the way neither what it is nor where', async () => {
    const { net, id } = await begin('typing on the way');
    const recording = new Recording(net);
    type(net, 'ann', id);
    await net.world.advance(SECOND);
    expect(typists(net, 'ben', id)).toEqual(['ann']);
    expect(recording.count('FLEETING')).toBe(2);
    expect(recording.readable(['TYPING', 'typing', id])).toEqual([]);
  });

  it('outlives the loss of one in two', async () => {
    const { net, id } = await begin('typing lost');
    let seen = 0;
    net.world.network.onFrame(({ from, bytes }) =>
      from === 'ann' && Buffer.from(bytes).includes('"FLEETING"') && seen++ % 2 === 1 ? { drop: true } : undefined,
    );
    const told = toldAt(net, 'ben');
    for (let i = 0; i < 40; i++) {
      type(net, 'ann', id);
      await net.world.advance(SECOND);
    }
    expect(seen).toBeGreaterThan(8);
    expect(told).toEqual(['ann']);
  });

  it('is neither told nor shown by who turned it off, and not made up for', async () => {
    const { net, id } = await begin('typing off');
    await share(net, 'ann', false);
    type(net, 'ann', id);
    type(net, 'ben', id);
    await net.world.advance(SECOND);
    expect([typists(net, 'ann', id), typists(net, 'ben', id)]).toEqual([[], []]);
    expect(rejected(net, 'ann', 'typing-off')).toBe(1);
    expect(net.get('ann').node.metrics.value('sent', TYPING.name)).toBe(0);
    net.crash('ann');
    await net.restart('ann');
    expect(net.get('ann').node.settings.get().typing).toBe(false);
    await share(net, 'ann', true);
    await net.world.advance(5 * SECOND);
    type(net, 'ben', id);
    await net.world.advance(SECOND);
    expect(typists(net, 'ann', id)).toEqual(['ben']);
    // What is shown goes with the setting.
    const told = toldAt(net, 'ann');
    await share(net, 'ann', false);
    expect([typists(net, 'ann', id), told]).toEqual([[], ['']]);
  });

  it('is told neither to who is blocked, nor shown of them', async () => {
    const { net, id } = await begin('typing blocked');
    await net.world.until(net.get('ben').node.contacts.block(net.get('ann').identity.keyId));
    type(net, 'ben', id);
    type(net, 'ann', id);
    await net.world.advance(SECOND);
    expect([typists(net, 'ann', id), typists(net, 'ben', id)]).toEqual([[], []]);
    expect(net.get('ben').node.metrics.value('sent', TYPING.name)).toBe(0);
  });

  it.each([
    ['ten minutes ahead', 10 * MINUTE],
    ['ten minutes behind', -10 * MINUTE],
  ])('is seen from a clock that is %s and lasts no longer', async (_, skewMs) => {
    const { net, id } = await begin(`typing clock ${skewMs}`, { ann: { skewMs } });
    type(net, 'ann', id);
    await net.world.advance(SECOND);
    expect(typists(net, 'ben', id)).toEqual(['ann']);
    await net.world.advance(13 * SECOND);
    expect(typists(net, 'ben', id)).toEqual([]);
  });

  it('cannot be brought again by who passed it on', async () => {
    const { net, id } = await begin('typing again');
    const recording = new Recording(net);
    type(net, 'ann', id);
    await net.world.advance(15 * SECOND);
    const [, passed] = recording.of('FLEETING');
    net.get('s').node.links.get(net.idOf('ben'))?.send(JSON.stringify(passed));
    await net.world.advance(SECOND);
    expect(typists(net, 'ben', id)).toEqual([]);
    expect(rejected(net, 'ben', 'typing-late')).toBe(1);
    // Nor to one who remembers nothing of it, a while later.
    net.crash('ben');
    await net.world.advance(20 * MINUTE);
    await net.restart('ben');
    await net.world.advance(MINUTE);
    net.get('s').node.links.get(net.idOf('ben'))?.send(JSON.stringify(passed));
    await net.world.advance(SECOND);
    expect(typists(net, 'ben', id)).toEqual([]);
    expect(rejected(net, 'ben', 'fleeting-stale')).toBe(1);
  });

  it('is the same person on whichever device', async () => {
    const { net, id } = await begin('typing devices');
    await net.client('pad');
    net.link('pad', 's');
    await link(net, 'ann', 'pad');
    await knows(net, 'ann', ['ann', 'pad'], 'ben');
    await net.world.runUntil(() => net.get('pad').node.channels.isJoined(id), { limitMs: MINUTE, what: 'the conversation' });
    await net.world.advance(MINUTE);
    const told = toldAt(net, 'ben');
    type(net, 'ann', id);
    type(net, 'pad', id);
    await net.world.advance(SECOND);
    expect(typists(net, 'ben', id)).toEqual(['ann']);
    type(net, 'ann', id, false);
    await net.world.advance(SECOND);
    expect(typists(net, 'ben', id)).toEqual(['ann']);
    expect(told).toEqual(['ann']);
    // And to all of them; one's own devices say nothing to each other.
    type(net, 'ben', id);
    await net.world.advance(SECOND);
    expect([typists(net, 'ann', id), typists(net, 'pad', id)]).toEqual([['ben'], ['ben']]);
  });
});
