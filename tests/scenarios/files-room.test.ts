import type { Attachment } from '@parley/core';
import { base64, FILE_WANT } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { content, MIB, type Scene, share, standing, until } from './lib/file-scene.ts';
import { around, befriend } from './lib/friends.ts';
import { byRoot, nameTo } from './lib/naming.ts';
import { Network, type ParticipantConfig } from './lib/network.ts';

const MINUTE = 60_000;

/** ann and ben are contacts; ben is in a public channel with strangers. */
async function scene(seed: string, strangers: readonly string[], config: ParticipantConfig = {}): Promise<Scene & { lobby: string }> {
  const net = new Network({ seed });
  await around(net, ['ben', 'ann', ...strangers], config);
  await befriend(net, 'ann', 'ben');
  const id = net.get('ann').node.direct.idWith(net.get('ben').identity.keyId);
  await net.world.runUntil(() => ['ann', 'ben'].every((host) => net.knows(host, id)), { limitMs: MINUTE });
  return { net, id, lobby: await net.channel('lobby', 'ben', ...strangers) };
}

/** A file that nobody has. */
const nothing = (net: Network): Attachment => {
  const root = Buffer.from(net.world.random.bytes(32)).toString('hex');
  return { sha256: root, type: 'image/png', size: 16 * MIB, name: 'cat.png', root, key: base64(net.world.random.bytes(32)) };
};

async function nameNothing({ net, lobby }: { net: Network; lobby: string }, host: string, count: number): Promise<void> {
  for (let seq = 1; seq <= count; seq++) await nameTo(net, [host, 'ben'], lobby, [nothing(net)], { seq });
}

const waiting = ({ net }: Scene): number => net.get('ben').node.files.list().length;

describe('strangers who name files that nobody has', () => {
  it('leave room, and a place, for those of contacts', async () => {
    const strangers = ['e1', 'e2', 'e3', 'e4', 'e5', 'e6', 'e7'];
    const all = await scene('files of nobody', strangers);
    for (const host of strangers) await nameNothing(all, host, 10);
    await all.net.world.advance(MINUTE);
    const about = await share(all, content(MIB));
    await all.net.world.advance(MINUTE);
    expect(standing(all, 'ben', about).state).toBe('here');
  });

  it('are not waited for without end, also by a node that was off when it came', async () => {
    const all = await scene('files of nobody for long', ['e1'], { files: { unaskedMs: 30 * MINUTE } });
    await nameNothing(all, 'e1', 2);
    await all.net.world.advance(20 * MINUTE);
    expect(waiting(all)).toBe(2);
    await nameTo(all.net, ['e1', 'ben'], all.lobby, [nothing(all.net)], { seq: 3 });
    await all.net.world.advance(21 * MINUTE);
    expect(waiting(all)).toBe(1);
    await all.net.stop('ben');
    await all.net.world.advance(15 * MINUTE);
    await all.net.restart('ben');
    expect(waiting(all)).toBe(0);
  });
});

it('what somebody named who is blocked since then is waited for no more', async () => {
  const all = await scene('blocked meanwhile', ['eve']);
  await nameNothing(all, 'eve', 2);
  await all.net.world.advance(MINUTE);
  expect(waiting(all)).toBe(2);
  await all.net.world.until(all.net.get('ben').node.contacts.block(all.net.get('eve').identity.keyId));
  await all.net.world.advance(15 * MINUTE);
  expect(waiting(all)).toBe(0);
});

it('what is asked for while it comes takes no room of what comes unasked', async () => {
  const all = await scene('asked for meanwhile', [], { files: { maxAutoBytes: 1.5 * MIB } });
  const { files } = all.net.get('ben').node;
  const first = await share(all, content(MIB));
  await all.net.world.runUntil(() => standing(all, 'ben', first).bytes > 0, { limitMs: MINUTE });
  await all.net.world.until(files.fetch(first, all.id, all.net.idOf('ann')));
  await until(all, 'ben', first, 'here');
  const second = await share(all, content(MIB + 1));
  await until(all, 'ben', second, 'here');
});

it('whoever names the root of a contact’s file with another key, before it comes, does not keep it from being fetched', async () => {
  const all = await scene('root taken', ['eve']);
  const { net, id } = all;
  net.world.files('ann').place('/film.bin', content(MIB));
  const file = await net.world.until(net.get('ann').node.files.offer('/film.bin', id));
  await nameTo(net, ['eve', 'ben'], all.lobby, [byRoot(file)]);
  await net.world.advance(MINUTE);
  expect(waiting(all)).toBe(1);
  await net.world.until(net.get('ann').node.channels.send(id, 'look', { attachments: [{ ...file, type: 'image/png' }] }));
  await until(all, 'ben', file, 'here');
  await nameTo(net, ['eve', 'ben'], all.lobby, [byRoot(file)], { seq: 2 });
  await net.world.advance(MINUTE);
  expect(standing(all, 'ben', file).state).toBe('here');
});

it('strangers who take what they ask for slowly, or ask for much, leave room for contacts to be given something', async () => {
  const all = await scene('giving to strangers', ['e1', 'e2', 'e3'], {
    files: { autoBytes: MIB, givingAll: 4, relayedBytesPerSecond: 1000 },
  });
  const { net } = all;
  const lobby = await net.channel('cellar', 'ann', 'e1', 'e2', 'e3');
  const large = await share({ net, id: lobby }, content(4 * MIB));
  for (const host of ['e1', 'e2', 'e3']) {
    const { overlay } = net.get(host).node;
    const want = { recipient_id: net.idOf('ann'), channel_id: lobby, root: large.root, level: 0, chunks: [0, 1, 2, 3, 4, 5, 6, 7] };
    for (let i = 0; i < 4; i++) await net.world.until(overlay.send(FILE_WANT, { ...want, msg_id: crypto.randomUUID() }));
  }
  await net.world.advance(MINUTE);
  const about = await share(all, content(MIB / 2));
  await net.world.advance(MINUTE);
  expect(standing(all, 'ben', about).state).toBe('here');
});
