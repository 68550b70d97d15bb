import { aboutFile, FILE_ASK, FILE_WANT, type FileAbout } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { clients, closedChannel, settled } from './lib/closed.ts';
import { CHUNK, content, MIB, read, type Scene, same, share, standing, until, value } from './lib/file-scene.ts';
import { around, befriend } from './lib/friends.ts';
import { Network, type ParticipantConfig } from './lib/network.ts';
import { Recording } from './lib/recording.ts';

const MINUTE = 60_000;

/** ann owns a closed channel with the others. */
async function hideout(seed: string, ...members: string[]): Promise<Scene> {
  const net = await clients(seed, 'ann', ...members);
  return { net, id: await closedChannel(net, ['ann', ...members]) };
}

/** ann and ben are contacts behind a server, and have a conversation. */
async function pair(seed: string, config: ParticipantConfig = {}, others: readonly string[] = []): Promise<Scene> {
  const net = new Network({ seed });
  await around(net, ['ann', 'ben', ...others], config);
  await befriend(net, 'ann', 'ben');
  const id = net.get('ann').node.direct.idWith(net.get('ben').identity.keyId);
  await net.world.runUntil(() => ['ann', 'ben'].every((host) => net.knows(host, id)), { limitMs: MINUTE, what: 'the conversation' });
  return { net, id };
}

/** A node asks another for chunks, in whatever channel it says. */
async function ask({ net, id }: Scene, from: string, to: string, { root }: FileAbout): Promise<void> {
  await net.world.runUntil(() => net.reaches(from, to) && net.reaches(to, from), { limitMs: MINUTE, what: `${from} reaches ${to}` });
  const asked = { msg_id: crypto.randomUUID(), recipient_id: net.idOf(to), channel_id: id, root };
  const { overlay } = net.get(from).node;
  await net.world.until(overlay.send(FILE_ASK, asked));
  await net.world.until(overlay.send(FILE_WANT, { ...asked, msg_id: crypto.randomUUID(), level: 0, chunks: [0, 1] }));
}

const got = (scene: Scene, host: string): number =>
  value(scene, host, 'received', 'FILE_CHUNK') + value(scene, host, 'received', 'FILE_STATE');
const refused = (scene: Scene, host: string, times: number): Promise<void> =>
  scene.net.world.runUntil(() => value(scene, host, 'rejections', 'file-not-a-member') === times, { limitMs: MINUTE, what: 'a refusal' });

describe('a file in a closed channel', () => {
  it('reaches every member, and nobody on the way reads what it is called, or any of it', async () => {
    const scene = await hideout('closed files', 'ben', 'eve');
    const recording = new Recording(scene.net);
    const bytes = content(MIB + 77);
    bytes.set(new TextEncoder().encode('a word that is nowhere else'), CHUNK + 5);
    const about = await share(scene, bytes);
    for (const host of ['ben', 'eve']) {
      await until(scene, host, about, 'here');
      expect(same(await read(scene, host, about), bytes)).toBe(true);
    }
    expect(recording.count('FILE_CHUNK')).toBeGreaterThan(0);
    expect(
      recording.readable([
        `film-${bytes.length}`,
        'octet-stream',
        'a word that is nowhere else',
        Buffer.from(about.key).toString('base64'),
      ]),
    ).toEqual([]);
  });

  it('is not given to one who is no member, whatever it knows', async () => {
    const scene = await hideout('closed files and a stranger', 'ben');
    const about = await share(scene, content(MIB));
    await until(scene, 'ben', about, 'here');
    await scene.net.client('spy');
    scene.net.link('spy', 's1');
    for (const host of ['ann', 'ben']) {
      await ask(scene, 'spy', host, about);
      await refused(scene, host, 2);
    }
    await scene.net.world.advance(10_000);
    expect(got(scene, 'spy')).toBe(0);
  });

  it('is not given any more to one who was removed, also what was sent before', async () => {
    const scene = await hideout('closed files and a removal', 'ben', 'eve');
    scene.net.crash('eve');
    const about = await share(scene, content(MIB));
    await until(scene, 'ben', about, 'here');
    await scene.net.world.until(scene.net.get('ann').node.channels.closed.remove(scene.id, scene.net.idOf('eve')));
    await settled(scene.net, scene.id, ['ann', 'ben']);
    await scene.net.restart('eve');
    const before = got(scene, 'eve');
    for (const host of ['ann', 'ben']) {
      await ask(scene, 'eve', host, about);
      await refused(scene, host, 2);
    }
    await scene.net.world.advance(MINUTE);
    expect(got(scene, 'eve')).toBe(before);
    expect(standing(scene, 'eve', about).bytes).toBe(0);
  });

  it('is fetched on from another member when its sender stops half-way', async () => {
    const scene = await hideout('closed files and a giver that stops', 'ben', 'eve');
    const bytes = content(4 * MIB);
    scene.net.crash('eve');
    const about = await share(scene, bytes);
    await until(scene, 'ben', about, 'here');
    await scene.net.restart('eve');
    await scene.net.world.runUntil(() => standing(scene, 'eve', about).bytes >= MIB, { limitMs: 5 * MINUTE });
    scene.net.crash('ann');
    await until(scene, 'eve', about, 'here');
    expect(same(await read(scene, 'eve', about), bytes)).toBe(true);
    expect(value(scene, 'ben', 'file_chunks_given', 'relayed')).toBeGreaterThan(0);
  });

  it('is not fetched unasked by one who has blocked its sender, and is when they ask for it', async () => {
    const scene = await hideout('closed files of somebody blocked', 'ben');
    await scene.net.world.until(scene.net.get('ben').node.contacts.block(scene.net.get('ann').identity.keyId));
    const about = await share(scene, content(MIB));
    await scene.net.world.advance(3 * MINUTE);
    expect(standing(scene, 'ben', about).state).toBe('offered');
    await scene.net.world.until(scene.net.get('ben').node.files.fetch(about, scene.id, scene.net.idOf('ann')));
    await until(scene, 'ben', about, 'here');
  });

  it('comes from others when one gives chunks that are not of it', async () => {
    const scene = await hideout('closed files and a wrong chunk', 'ben', 'eve');
    const bytes = content(2 * MIB);
    scene.net.crash('eve');
    const about = await share(scene, bytes);
    await until(scene, 'ben', about, 'here');
    scene.net.world.files('ben').peek(about.root)?.fill(1);
    await scene.net.restart('eve');
    await until(scene, 'eve', about, 'here');
    expect(same(await read(scene, 'eve', about), bytes)).toBe(true);
    expect(value(scene, 'eve', 'rejections', 'file-chunk')).toBeLessThanOrEqual(1);
  });
});

describe('a file for one contact', () => {
  it('reaches that one, sealed, and nobody else who asks for it', async () => {
    const scene = await pair('direct files', {}, ['eve']);
    const recording = new Recording(scene.net);
    const bytes = content(MIB + 3);
    const about = await share(scene, bytes);
    await until(scene, 'ben', about, 'here');
    expect(same(await read(scene, 'ben', about), bytes)).toBe(true);
    expect(recording.readable([`film-${bytes.length}`, 'octet-stream', Buffer.from(about.key).toString('base64')])).toEqual([]);
    for (const host of ['ann', 'ben']) {
      await ask(scene, 'eve', host, about);
      await refused(scene, host, 2);
    }
    await scene.net.world.advance(10_000);
    expect(got(scene, 'eve')).toBe(0);
  });

  it.each(['ann', 'ben'])('goes on where it was when the node of %s is killed', async (victim) => {
    const scene = await pair(`direct files and a crash of ${victim}`);
    const bytes = content(4 * MIB);
    const about = await share(scene, bytes);
    await scene.net.world.runUntil(() => standing(scene, 'ben', about).bytes >= 1.5 * MIB, { limitMs: 5 * MINUTE });
    scene.net.crash(victim);
    await scene.net.world.advance(10_000);
    const given = victim === 'ann' ? 0 : value(scene, 'ann', 'file_chunks_given', 'relayed');
    await scene.net.restart(victim);
    await until(scene, 'ben', about, 'here');
    expect(same(await read(scene, 'ben', about), bytes)).toBe(true);
    expect(value(scene, 'ann', 'file_chunks_given', 'relayed') - given).toBeLessThanOrEqual(14);
  });

  it('goes over a link between the two where there is one', async () => {
    const scene = await pair('direct files by a link', { listen: true });
    scene.net.link('ben', 'ann');
    const bytes = content(6 * MIB);
    const about = await share(scene, bytes);
    await until(scene, 'ben', about, 'here');
    expect(same(await read(scene, 'ben', about), bytes)).toBe(true);
    expect(value(scene, 'ann', 'file_chunks_given', 'transfer')).toBe(24 + 1);
  });

  it.each(['block', 'remove'] as const)('is not given to one whose key its sender has come to %s', async (what) => {
    const scene = await pair(`direct files and ${what}`, { files: { autoBytes: 0 } });
    const about = await share(scene, content(MIB));
    await scene.net.world.runUntil(() => scene.net.texts('ben').includes('a film'), { limitMs: MINUTE });
    const { contacts } = scene.net.get('ann').node;
    const { keyId } = scene.net.get('ben').identity;
    await scene.net.world.until(Promise.resolve(contacts[what](keyId)));
    await scene.net.world.until(scene.net.get('ben').node.files.fetch(about, scene.id, scene.net.idOf('ann')));
    await scene.net.world.advance(2 * MINUTE);
    expect(standing(scene, 'ben', about)).toMatchObject({ bytes: 0 });
    expect(value(scene, 'ann', 'file_chunks_given', 'relayed')).toBe(0);
  });

  it.each([
    ['size', 'file-sealing', (about: FileAbout) => ({ size: about.size + CHUNK })],
    ['digest', 'file-digest', () => ({ sha256: '0'.repeat(64) })],
  ])('whose message lies about its %s fails, and leaves nothing', async (_, reason, lie) => {
    const scene = await pair(`direct files and a lie: ${reason}`);
    const { node } = scene.net.get('ann');
    scene.net.world.files('ann').place('/film', content(MIB));
    const file = await scene.net.world.until(node.files.offer('/film', scene.id));
    const attachments = [{ ...file, type: 'image/png', ...lie(file) }];
    const sent = await scene.net.world.until(node.channels.send(scene.id, 'a lie', { attachments }));
    const about = sent.attachments[0] && aboutFile(sent.attachments[0]);
    if (!about) throw new Error('no file is named');
    await until(scene, 'ben', about, 'failed');
    expect(value(scene, 'ben', 'rejections', reason)).toBe(1);
    expect(await scene.net.world.files('ben').list()).toEqual([]);
  });
});
