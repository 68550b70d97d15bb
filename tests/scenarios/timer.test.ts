import { describe, expect, it } from 'vitest';
import { clients, closedChannel, invite } from './lib/closed.ts';
import { CHUNK, content, MIB, read, same, share, standing, until } from './lib/file-scene.ts';
import { around, befriend } from './lib/friends.ts';
import { Network, type ParticipantConfig } from './lib/network.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

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
  const id = net.get('ann').node.direct.idWith(net.get('ben').identity.keyId);
  await net.world.runUntil(() => ['ann', 'ben'].every((host) => net.knows(host, id)), { limitMs: MINUTE, what: 'the conversation' });
  return { net, id };
}

const setTimer = (net: Network, host: string, id: string, seconds: number) =>
  net.world.until(net.get(host).node.channels.setTimer(id, seconds));

const secondsAt = (net: Network, host: string, id: string): number | undefined =>
  net
    .get(host)
    .node.channels.list()
    .find((channel) => channel.id === id)?.timer?.seconds;

/** What of a text is left on the disk of a node, in tables that may hold what was said. */
function rowsWith(net: Network, host: string, msgId: string, table: string): number {
  return net.world
    .drive(host)
    .disk.range(table, { limit: 10_000 })
    .filter(({ value }) => {
      const row = JSON.parse(String(value)) as { m: string };
      const [, payload = ''] = atob(row.m).split('.');
      return Buffer.from(payload, 'base64url').includes(msgId);
    }).length;
}

async function search(net: Network, host: string, words: string): Promise<number> {
  return (await net.world.until(net.get(host).node.channels.archive.search(words, { limit: 10 }))).length;
}

describe('a timer of a conversation of two', () => {
  it('is set by either, known to both, and takes messages away at both at the same time, with all that was done to them', async () => {
    const { net, id } = await begin('timer');
    await net.send('ann', id, 'this stays');
    await setTimer(net, 'ben', id, 5 * 60);
    await net.world.advance(5000);
    expect([secondsAt(net, 'ann', id), secondsAt(net, 'ben', id)]).toEqual([300, 300]);
    const bytes = new TextEncoder().encode('attached');
    const attachments = [{ name: 'a.txt', type: 'text/plain', bytes }];
    const message = await net.world.until(net.get('ann').node.channels.send(id, 'this goes quickly', { attachments }));
    expect(message.lifetime).toBe(300);
    await net.world.advance(2000);
    await net.world.until(net.get('ann').node.channels.act(id, 'edit', message.msgId, 'this goes slowly'));
    await net.world.until(net.get('ben').node.channels.act(id, 'react', message.msgId, '👍'));
    await net.world.until(net.get('ben').node.channels.act(id, 'pin', message.msgId));
    await net.world.advance(4 * MINUTE);
    for (const host of ['ann', 'ben']) {
      expect(await net.history(host, id)).toEqual(['this stays', 'this goes slowly']);
      expect(await search(net, host, 'slowly')).toBe(1);
    }
    expect(net.get('ben').node.channels.find(id).unread).toBe(2);
    await net.world.advance(MINUTE);
    for (const host of ['ann', 'ben']) {
      expect(await net.history(host, id)).toEqual(['this stays']);
      for (const word of ['slowly', 'quickly']) expect(await search(net, host, word)).toBe(0);
      const { disk } = net.world.drive(host);
      for (const table of ['attachments', 'attachment_uses', 'expiries', 'pins']) expect(disk.range(table, { limit: 10 })).toEqual([]);
      for (const table of ['history', 'history_acts']) expect(rowsWith(net, host, message.msgId, table)).toBe(0);
    }
    expect(net.get('ben').node.channels.find(id).unread).toBe(1);
    // What is said next shows no gap, and what stays has all its numbers.
    await setTimer(net, 'ann', id, 0);
    await net.send('ann', id, 'after');
    await net.world.advance(5000);
    expect(await net.history('ben', id)).toEqual(['this stays', 'after']);
    expect(secondsAt(net, 'ben', id)).toBe(0);
    expect(net.get('ben').gaps).toEqual([]);
    expect(net.errors()).toEqual([]);
  });

  it('counts while a node is off: what is over is gone before anything is shown, and does not come back by catch-up', async () => {
    const { net, id } = await begin('timer off');
    await setTimer(net, 'ann', id, 60 * 60);
    await net.world.advance(5000);
    await net.send('ann', id, 'an hour');
    await net.world.advance(5000);
    net.crash('ben');
    await net.send('ann', id, 'never seen');
    await net.world.advance(HOUR + MINUTE);
    await net.send('ann', id, 'new');
    await net.restart('ben');
    expect(await net.history('ben', id)).toEqual([]);
    await net.world.advance(10 * MINUTE);
    expect(await net.history('ben', id)).toEqual(['new']);
    expect(net.texts('ben')).toEqual(['an hour', 'new']);
    expect(net.get('ben').gaps).toEqual([]);
    expect(secondsAt(net, 'ben', id)).toBe(3600);
    // It is on nobody's way any more.
    expect(net.get('ann').node.metrics.snapshot().gauges.get('custody_own')?.get('')).toBe(0);
    expect(net.errors()).toEqual([]);
  });

  it('is not stretched by a clock that is ahead', async () => {
    const { net, id } = await begin('timer clock', { ann: { skewMs: 10 * MINUTE } });
    await setTimer(net, 'ann', id, 60);
    await net.world.advance(5000);
    await net.send('ann', id, 'from the future');
    await net.world.advance(5000);
    expect(await net.history('ben', id)).toEqual(['from the future']);
    await net.world.advance(MINUTE);
    for (const host of ['ann', 'ben']) expect(await net.history(host, id)).toEqual([]);
  });

  it('is from a minute to four weeks, and nothing for public channels', async () => {
    const { net, id } = await begin('timer limits');
    for (const seconds of [59, 28 * 24 * 3600 + 1, 1.5, -1])
      await expect(setTimer(net, 'ann', id, seconds)).rejects.toMatchObject({ code: 'bad-argument' });
    const garden = await net.channel('garden', 'ann', 'ben');
    await expect(setTimer(net, 'ann', garden, 60)).rejects.toMatchObject({ code: 'bad-argument' });
  });
});

describe('a timer of a closed channel', () => {
  it('is set by who moderates it, and known to those who come later', async () => {
    const net = await clients('timer closed', 'ann', 'ben', 'cat');
    const id = await closedChannel(net, ['ann', 'ben'], { history: 'none' });
    await expect(setTimer(net, 'ben', id, 60)).rejects.toMatchObject({ code: 'refused' });
    await net.world.until(net.get('ann').node.channels.closed.setRole(id, net.idOf('ben'), 'moderator'));
    await net.world.advance(5000);
    await setTimer(net, 'ben', id, 600);
    await net.world.advance(5000);
    expect(secondsAt(net, 'ann', id)).toBe(600);
    expect(net.get('ann').node.channels.find(id).timer?.by).toBe(net.idOf('ben'));
    await invite(net, id, 'ann', 'cat');
    await net.world.advance(5000);
    expect(secondsAt(net, 'cat', id)).toBe(600);
    net.crash('cat');
    await net.restart('cat');
    expect(secondsAt(net, 'cat', id)).toBe(600);
    // Whoever set it may go: it stays.
    await net.world.until(net.get('ann').node.channels.closed.remove(id, net.idOf('ben')));
    await net.world.advance(MINUTE);
    expect(secondsAt(net, 'cat', id)).toBe(600);
    await net.send('cat', id, 'for ten minutes');
    await net.world.advance(9 * MINUTE);
    expect(await net.history('ann', id)).toEqual(['for ten minutes']);
    await net.world.advance(2 * MINUTE);
    expect(await net.history('ann', id)).toEqual([]);
    expect(net.errors()).toEqual([]);
  });

  it('leaves nothing to ask for: whoever was away for more than can be asked at once gets what is still there', async () => {
    const net = await clients('timer catch-up', 'ann', 'ben', 'cat');
    const id = await closedChannel(net, ['ann', 'ben', 'cat']);
    await net.send('ann', id, 'before');
    await net.world.advance(10_000);
    net.crash('cat');
    await net.world.advance(2 * MINUTE);
    await setTimer(net, 'ann', id, 60);
    for (let i = 0; i < 450; i++) await net.send('ann', id, `gone ${i}`);
    await net.world.advance(5 * MINUTE);
    await setTimer(net, 'ann', id, 0);
    for (let i = 0; i < 3; i++) await net.send('ann', id, `there ${i}`);
    // Whoever wrote it is away: the other gives what is there.
    await net.world.advance(10_000);
    net.crash('ann');
    net.crash('s1');
    await net.restart('s1');
    await net.world.advance(10_000);
    await net.restart('cat');
    await net.world.advance(10 * MINUTE);
    expect(await net.history('cat', id)).toEqual(['before', 'there 0', 'there 1', 'there 2']);
    expect(net.errors()).toEqual([]);
  });
});

describe('a large file', () => {
  it('is gone from everybody at the deadline of its message, and stays where something else names it', async () => {
    const { net, id } = await begin('timer file');
    const scene = { net, id };
    await setTimer(net, 'ann', id, 600);
    const short = await share(scene, content(MIB));
    await until(scene, 'ben', short, 'here');
    // The same file is named by a message that stays, and one by another that is on its way here still.
    const kept = await share(scene, content(MIB + CHUNK));
    await until(scene, 'ben', kept, 'here');
    await setTimer(net, 'ann', id, 0);
    const again = { ...kept, name: 'kept', type: 'application/octet-stream' };
    await net.world.until(net.get('ann').node.channels.send(id, 'once more', { attachments: [again] }));
    await net.world.advance(11 * MINUTE);
    for (const host of ['ann', 'ben']) {
      expect(await net.history(host, id)).toEqual(['once more']);
      expect(
        net
          .get(host)
          .node.files.list()
          .map(({ record }) => record.root),
      ).toEqual([kept.root]);
    }
    expect((await net.world.files('ben').list()).filter(({ name }) => name.startsWith(short.root))).toEqual([]);
    expect(same(await read(scene, 'ben', kept), content(MIB + CHUNK))).toBe(true);
    expect(net.errors()).toEqual([]);
  });

  it('that is still being fetched then is given up, and leaves nothing', async () => {
    const { net, id } = await begin('timer half a file');
    const scene = { net, id };
    await setTimer(net, 'ann', id, 60);
    const about = await share(scene, content(4 * MIB));
    await net.world.runUntil(() => standing(scene, 'ben', about).bytes >= MIB, { limitMs: 50_000, what: 'a part of the file' });
    // It cannot be finished before its time is over, whoever is there.
    net.crash('ann');
    await net.world.advance(2 * MINUTE);
    expect(standing(scene, 'ben', about)).toEqual({ state: 'offered', bytes: 0 });
    expect(await net.world.files('ben').list()).toEqual([]);
    net.crash('ben');
    await net.restart('ben');
    expect(net.get('ben').node.files.list()).toEqual([]);
    expect(await net.world.files('ben').list()).toEqual([]);
    expect(net.errors()).toEqual([]);
  });

  it('whose time was over while the node was off is gone when it starts', async () => {
    const { net, id } = await begin('timer file off');
    const scene = { net, id };
    await setTimer(net, 'ann', id, 600);
    const about = await share(scene, content(MIB));
    await until(scene, 'ben', about, 'here');
    net.crash('ben');
    await net.world.advance(11 * MINUTE);
    await net.restart('ben');
    await net.world.advance(1000);
    expect(await net.history('ben', id)).toEqual([]);
    expect(net.get('ben').node.files.list()).toEqual([]);
    expect(await net.world.files('ben').list()).toEqual([]);
    expect(net.errors()).toEqual([]);
  });
});
