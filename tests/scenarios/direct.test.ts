import { NodeService, tables } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { around, befriend, contactOf } from './lib/friends.ts';
import { Network, type ParticipantConfig } from './lib/network.ts';
import { Recording } from './lib/recording.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const rejected = (net: Network, host: string, reason: string): number => net.get(host).node.metrics.value('rejections', reason);
const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `word ${i} of a secret`);

/** Ann and ben behind a server, contacts of each other, with a conversation. */
async function begin(seed: string, config: ParticipantConfig = {}): Promise<{ net: Network; id: string }> {
  const net = new Network({ seed });
  await around(net, ['ann', 'ben'], config);
  await befriend(net, 'ann', 'ben');
  const id = net.get('ann').node.direct.idWith(net.get('ben').identity.keyId);
  await net.world.runUntil(() => ['ann', 'ben'].every((host) => net.knows(host, id)), { limitMs: MINUTE, what: 'the conversation' });
  return { net, id };
}

/** All that is on a node's disk now, to be put back later. */
function copyOf(net: Network, host: string): { restore(): void } {
  const copies = tables.map(({ name }) => [name, net.world.drive(host).disk.range(name, { limit: 1_000_000 })] as const);
  return {
    restore: () => {
      const { disk } = net.world.drive(host);
      for (const [table, rows] of copies) {
        disk.apply(disk.range(table, { limit: 1_000_000 }).map(({ key }) => ({ op: 'delete', table, key })));
        disk.apply(rows.map(({ key, value }) => ({ op: 'put', table, key, value })));
      }
    },
  };
}

const shows = (net: Network, host: string, texts: readonly string[], limitMs = MINUTE): Promise<void> =>
  net.world.runUntil(() => net.texts(host).length >= texts.length, { limitMs, what: `that ${host} shows ${texts.length}` });

describe('a direct message', () => {
  it('can be written as soon as the conversation is there, whatever is still on its way to disk', async () => {
    const net = new Network({ seed: 'at once', commitMs: 50 });
    await around(net, ['ann', 'ben']);
    const { node, ports } = net.get('ann');
    const api = new NodeService(node, { clock: ports.clock, tls: undefined, udp: undefined, http: undefined, connect: [], stop: () => {} });
    await befriend(net, 'ann', 'ben');
    await net.world.runUntil(() => node.channels.list().some(({ kind, joined }) => kind === 'direct' && joined), { limitMs: MINUTE });
    await net.world.until(Promise.all(['one', 'two', 'three'].map((text) => api.send('@ben', text))));
    await shows(net, 'ben', ['one', 'two', 'three']);
    expect(net.texts('ben')).toEqual(['one', 'two', 'three']);
    expect(net.errors()).toEqual([]);
  });

  it('is shown, kept and signed for, by the name of the contact, and nobody on the way can read it', async () => {
    const { net, id } = await begin('direct');
    const recording = new Recording(net);
    const { msgId } = await net.send('ann', '@ben', 'nobody else is to know');
    await shows(net, 'ben', ['1']);
    await net.send('ben', '@ann', 'nor of the answer');
    await shows(net, 'ann', ['1', '2']);
    await net.world.advance(5000);
    expect(net.texts('ann')).toEqual(['nobody else is to know', 'nor of the answer']);
    expect(net.texts('ben')).toEqual(net.texts('ann'));
    expect((await net.world.until(net.get('ann').node.channels.delivery(msgId)))?.state).toBe('delivered');
    expect(net.get('ben').node.channels.find('@ann')).toMatchObject({ id, kind: 'direct', members: 2 });
    expect(recording.readable(['nobody else', 'nor of the answer'])).toEqual([]);
    expect(recording.count('MESSAGE')).toBeGreaterThanOrEqual(4);
    expect(net.errors()).toEqual([]);
  });

  it('waits at a server that sees nothing of it, for one who is away for days, and is shown in order', async () => {
    const { net } = await begin('direct away');
    net.crash('ben');
    await net.world.advance(MINUTE);
    const recording = new Recording(net);
    const texts = numbered(30);
    for (const text of texts) {
      await net.send('ann', '@ben', text);
      await net.world.advance(MINUTE);
    }
    // Nobody but the server is there meanwhile.
    net.crash('ann');
    await net.world.advance(2 * DAY);
    await net.restart('ben');
    await shows(net, 'ben', texts, 30 * MINUTE);
    expect(net.texts('ben')).toEqual(texts);
    expect(recording.readable(texts)).toEqual([]);
    expect(net.errors()).toEqual([]);
  });

  it('comes once and in order over links that lose, and after crashes of both', async () => {
    const { net } = await begin('direct lossy');
    net.world.network.set({ drop: 0.2 });
    const texts = numbered(40);
    for (const [i, text] of texts.entries()) {
      await net.send('ann', '@ben', text);
      if (i === 15) {
        net.crash('ben');
        await net.restart('ben');
      }
      if (i === 25) {
        net.crash('ann');
        await net.restart('ann');
      }
      await net.world.advance(500);
    }
    net.world.network.set({ drop: 0 });
    await net.world.runUntil(() => net.texts('ben').includes(texts.at(-1) as string), { limitMs: 30 * MINUTE });
    await net.world.advance(5 * MINUTE);
    expect(await net.history('ben', '@ann')).toEqual(texts);
    // Of those that waited behind a gap when he crashed he finds all in the history; none is shown twice.
    expect(new Set(net.texts('ben')).size).toBe(net.texts('ben').length);
    expect(net.get('ann').node.metrics.value('messages_sent')).toBeGreaterThan(0);
    expect(net.errors()).toEqual([]);
  });

  it('goes on with other keys after a time, without a word lost', async () => {
    const { net } = await begin('direct renewed', { direct: { renewMs: 10 * MINUTE } });
    const texts: string[] = [];
    const sessions = () => net.world.drive('ben').disk.count('direct_sessions', {});
    const before = sessions();
    for (let time = 0; time < 6; time++) {
      for (const [from, to] of [
        ['ann', 'ben'],
        ['ben', 'ann'],
      ] as const) {
        const text = `time ${time} from ${from}`;
        texts.push(text);
        await net.send(from, `@${to}`, text);
        await net.world.advance(MINUTE);
      }
      await net.world.advance(12 * MINUTE);
    }
    await shows(net, 'ben', texts);
    expect(net.texts('ben')).toEqual(texts);
    expect(net.texts('ann')).toEqual(texts);
    expect(sessions()).toBeGreaterThan(before);
    expect(sessions()).toBeLessThanOrEqual(4);
  });

  it('is not lost with the disk of the one it is for, nor with that of its author', async () => {
    const { net, id } = await begin('direct disk');
    const texts = numbered(10);
    for (const text of texts) await net.send('ann', '@ben', text);
    await shows(net, 'ben', texts);
    // A backup of whom ben knows is all that is left to him: he adds ann again, who has not forgotten.
    net.crash('ben');
    net.world.drive('ben').replace();
    net.get('ben').shown.length = 0;
    await net.restart('ben');
    await net.send('ann', id, 'are you there?');
    await net.world.until(net.get('ben').node.contacts.add(net.get('ann').node.contacts.link));
    await shows(net, 'ben', [...texts, '1'], 30 * MINUTE);
    expect(net.texts('ben')).toEqual([...texts, 'are you there?']);
    await net.send('ben', '@ann', 'again');
    await net.world.runUntil(() => net.texts('ann').includes('again'), { limitMs: 10 * MINUTE });
  });

  it('finds its way after the disk of one side was set back to an older copy', async () => {
    for (const host of ['ann', 'ben'] as const) {
      const { net } = await begin(`direct set back ${host}`);
      await net.send('ann', '@ben', 'one');
      await net.send('ben', '@ann', 'two');
      await shows(net, 'ben', ['1', '2']);
      const copy = copyOf(net, host);
      const texts = numbered(5);
      for (const text of texts) await net.send('ann', '@ben', text);
      await shows(net, 'ben', ['1', '2', ...texts]);
      net.crash(host);
      copy.restore();
      net.get(host).shown.length = 0;
      await net.restart(host);
      await net.world.runUntil(() => net.reaches('ann', 'ben') && net.reaches('ben', 'ann'));
      // Until she has her own words back: a number is not used twice.
      await net.world.advance(3 * MINUTE);
      await net.send('ann', '@ben', 'three');
      await net.send('ben', '@ann', 'four');
      await net.world.runUntil(
        () => ['three', 'four'].every((text) => net.texts('ann').includes(text) && net.texts('ben').includes(text)),
        {
          limitMs: 30 * MINUTE,
          what: 'that both show what came later',
        },
      );
      await net.world.advance(5 * MINUTE);
      const all = ['one', 'two', ...texts, 'three', 'four'];
      for (const side of ['ann', 'ben'] as const)
        expect([...(await net.history(side, side === 'ann' ? '@ben' : '@ann'))].sort()).toEqual(all.sort());
    }
  });
});

describe('what is no direct message', () => {
  it('comes from one who is no contact, or not any more, and is refused and counted', async () => {
    const { net, id } = await begin('direct stranger');
    await net.world.until(net.get('ben').node.contacts.remove('ann'));
    const { msgId } = await net.send('ann', id, 'hello?');
    await net.world.advance(MINUTE);
    expect(net.texts('ben')).toEqual([]);
    expect(rejected(net, 'ben', 'not a member')).toBeGreaterThan(0);
    expect((await net.world.until(net.get('ann').node.channels.delivery(msgId)))?.state).toBe('failed');
    expect(
      net
        .get('ben')
        .node.channels.list()
        .some((channel) => channel.id === id),
    ).toBe(false);
    await expect(net.send('ben', '@ann', 'x')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('comes from one who is blocked, and they do not learn of it', async () => {
    const { net, id } = await begin('direct blocked');
    await net.world.until(net.get('ben').node.contacts.block('ann'));
    const { msgId } = await net.send('ann', id, 'hello?');
    await net.world.advance(MINUTE);
    expect(net.texts('ben')).toEqual([]);
    expect(rejected(net, 'ben', 'contact-blocked')).toBeGreaterThan(0);
    expect(['sent', 'stored']).toContain((await net.world.until(net.get('ann').node.channels.delivery(msgId)))?.state);
    await expect(net.send('ben', id, 'x')).rejects.toMatchObject({ code: 'refused', message: 'ann is blocked: unblock them first' });
    // Heard again, what was said meanwhile comes too.
    await net.world.until(net.get('ben').node.contacts.unblock('ann'));
    await net.world.runUntil(() => net.texts('ben').includes('hello?'), { limitMs: 30 * MINUTE });
    expect(contactOf(net, 'ben', 'ann')).toMatchObject({ state: 'accepted', blocked: false });
  });
});
