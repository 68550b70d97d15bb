import { createHash } from 'node:crypto';
import {
  type Attachment,
  aboutFile,
  base64,
  FILE_ASK,
  FILE_WANT,
  type FileAbout,
  HISTORY,
  type NewAttachment,
  type StoredMessage,
  WANT,
} from '@parley/core';
import { describe, expect, it } from 'vitest';
import { clients, closedChannel, invite, settled } from './lib/closed.ts';
import { content, MIB, type Scene, share, standing, until, value } from './lib/file-scene.ts';
import { around, befriend } from './lib/friends.ts';
import { byKey, byRoot, nameTo } from './lib/naming.ts';
import { Network } from './lib/network.ts';
import { guid } from './lib/stranger.ts';

const MINUTE = 60_000;
const SECRET = 'a document for ann alone';
const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const note = (text: string): NewAttachment => ({ name: 'secret.txt', type: 'text/plain', bytes: new TextEncoder().encode(text) });

/** ann and ben are contacts and have a conversation; eve is somebody else. */
async function pair(seed: string): Promise<Scene> {
  const net = new Network({ seed });
  await around(net, ['ann', 'ben', 'eve']);
  await befriend(net, 'ann', 'ben');
  const id = net.get('ann').node.direct.idWith(net.get('ben').identity.keyId);
  await net.world.runUntil(() => ['ann', 'ben'].every((host) => net.knows(host, id)), { limitMs: MINUTE });
  return { net, id };
}

/** What eve is given of ann when she asks for the content with a digest in a public channel of the two. */
async function askedFor(net: Network, channelId: string, digest: string): Promise<string[]> {
  const given: string[] = [];
  net.world.network.onFrame(({ kind, bytes, to }) => {
    if (kind !== 'message' || to !== 'eve') return undefined;
    const { msg_type, msg_data } = JSON.parse(Buffer.from(bytes).toString());
    if (msg_type === HISTORY.name)
      for (const { attachment } of msg_data.attachment ?? []) given.push(Buffer.from(attachment, 'base64').toString());
    return undefined;
  });
  const want = { msg_id: guid(8), recipient_id: net.idOf('ann'), channel_id: channelId, want: [], attachment: [digest] };
  await net.world.until(net.get('eve').node.overlay.send(WANT, want));
  await net.world.advance(MINUTE);
  return given;
}

/** The same of a file: the chunks that come, and whether ann says that she has any. */
async function chunksOf(net: Network, channelId: string, { root }: FileAbout): Promise<{ said: number; chunks: number }> {
  let said = 0;
  net.world.network.onFrame(({ kind, bytes, to }) => {
    if (kind !== 'message' || to !== 'eve') return undefined;
    const { msg_type, msg_data } = JSON.parse(Buffer.from(bytes).toString());
    if (msg_type === 'FILE_STATE') said += msg_data.have.length;
    return undefined;
  });
  const before = value({ net, id: channelId }, 'eve', 'received', 'FILE_CHUNK');
  const asked = { recipient_id: net.idOf('ann'), channel_id: channelId, root };
  const { overlay } = net.get('eve').node;
  await net.world.until(overlay.send(FILE_ASK, { ...asked, msg_id: guid(8) }));
  await net.world.until(overlay.send(FILE_WANT, { ...asked, msg_id: guid(9), level: 0, chunks: [0, 1] }));
  await net.world.advance(MINUTE);
  return { said, chunks: value({ net, id: channelId }, 'eve', 'received', 'FILE_CHUNK') - before };
}

describe('what is named in a public channel, without its content,', () => {
  const named = { sha256: digestOf(SECRET), type: 'text/plain', size: SECRET.length, name: 'x.txt' };

  it('is not given from a conversation of two, and whether it is here is not told', async () => {
    const { net, id } = await pair('named, of two');
    await net.world.until(net.get('ben').node.channels.send(id, 'between us', { attachments: [note(SECRET)] }));
    await net.world.runUntil(() => net.texts('ann').includes('between us'), { limitMs: MINUTE });
    const lobby = await net.channel('lobby', 'ann', 'eve');
    await nameTo(net, ['eve', 'ann'], lobby, [named]);
    expect(await askedFor(net, lobby, named.sha256)).toEqual([]);
  });

  it('is not given from a closed channel, and is once somebody has given it in the public one', async () => {
    const net = await clients('named, of a closed channel', 'ann', 'ben', 'eve');
    const id = await closedChannel(net, ['ann', 'ben']);
    await net.world.until(net.get('ben').node.channels.send(id, 'for members', { attachments: [note(SECRET)] }));
    await net.world.runUntil(() => net.texts('ann').includes('for members'), { limitMs: MINUTE });
    const lobby = await net.channel('lobby', 'ann', 'ben', 'eve');
    await nameTo(net, ['eve', 'ann'], lobby, [named]);
    expect(await askedFor(net, lobby, named.sha256)).toEqual([]);
    await net.world.until(net.get('ben').node.channels.send(lobby, 'for all', { attachments: [note(SECRET)] }));
    await net.world.runUntil(() => net.texts('ann').includes('for all'), { limitMs: MINUTE });
    expect(await askedFor(net, lobby, named.sha256)).toEqual([SECRET]);
  });

  it('is taken afterwards only as large as was said, since so much room was counted for it', async () => {
    const net = new Network({ seed: 'named, larger' });
    await around(net, ['ann', 'eve']);
    const lobby = await net.channel('lobby', 'ann', 'eve');
    await nameTo(net, ['eve', 'ann'], lobby, [{ ...named, size: 1 }]);
    const data = { recipient_id: net.idOf('ann'), channel_id: lobby, messages: [] };
    const attachment = [{ attachment: base64(note(SECRET).bytes), attachment_type: 'text/plain' }];
    const { overlay } = net.get('eve').node;
    await net.world.until(overlay.send(HISTORY, { ...data, msg_id: guid(8), attachment }));
    await net.world.advance(MINUTE);
    expect(net.world.drive('ann').disk.get('attachments', named.sha256)).toBeUndefined();
    await nameTo(net, ['eve', 'ann'], lobby, [named], { seq: 2 });
    await net.world.until(overlay.send(HISTORY, { ...data, msg_id: guid(9), attachment }));
    await net.world.advance(MINUTE);
    expect(net.world.drive('ann').disk.get('attachments', named.sha256)).toBeDefined();
  });
});

it('what was attached before a newcomer came, who may see nothing of that time, is not given to them by its digest', async () => {
  const net = await clients('attached before', 'ann', 'ben', 'eve');
  const id = await closedChannel(net, ['ann', 'ben'], { history: 'none' });
  await net.world.until(net.get('ann').node.channels.send(id, 'for ben', { attachments: [note(SECRET)] }));
  await net.world.runUntil(() => net.texts('ben').includes('for ben'), { limitMs: MINUTE });
  await net.world.advance(MINUTE);
  await invite(net, id, 'ann', 'eve');
  await settled(net, id, ['ann', 'ben', 'eve']);
  const asks = async (): Promise<number> => {
    await net.world.advance(MINUTE);
    const answers = (): number => value({ net, id }, 'eve', 'received', HISTORY.name);
    const before = answers();
    const wanted = { sha256: digestOf(SECRET) } as Attachment;
    net.get('eve').node.channels.attached.fetch({ channelId: id, sender: net.idOf('ann') } as StoredMessage, wanted);
    await net.world.advance(5000);
    return answers() - before;
  };
  expect(await asks()).toBe(0);
  await net.world.until(net.get('ann').node.channels.send(id, 'for all', { attachments: [note(SECRET)] }));
  await net.world.runUntil(() => net.texts('eve').includes('for all'), { limitMs: MINUTE });
  expect(await asks()).toBeGreaterThan(0);
});

describe('a file of a closed channel that is named in a public one', () => {
  it('is not given there, and who has it is not told, to whoever has seen its root go by', async () => {
    const net = await clients('root elsewhere', 'ann', 'ben', 'eve');
    const id = await closedChannel(net, ['ann', 'ben']);
    const about = await share({ net, id }, content(MIB));
    const lobby = await net.channel('lobby', 'ann', 'eve');
    await nameTo(net, ['eve', 'ann'], lobby, [byRoot(about)]);
    expect(await chunksOf(net, lobby, about)).toEqual({ said: 0, chunks: 0 });
  });

  it('is not given there to whoever was a member, and knows its key', async () => {
    const net = await clients('key elsewhere', 'ann', 'ben', 'eve');
    const id = await closedChannel(net, ['ann', 'ben', 'eve']);
    const about = await share({ net, id }, content(MIB));
    await net.world.runUntil(() => net.texts('eve').includes('a film'), { limitMs: MINUTE });
    await net.world.until(net.get('ann').node.channels.closed.remove(id, net.idOf('eve')));
    await settled(net, id, ['ann', 'ben']);
    const lobby = await net.channel('lobby', 'ann', 'eve');
    await nameTo(net, ['eve', 'ann'], lobby, [byKey(about)]);
    expect(await chunksOf(net, lobby, about)).toEqual({ said: 0, chunks: 0 });
  });

  it('is given there where its sender sends it there too', async () => {
    const net = await clients('sent twice', 'ann', 'ben', 'eve');
    const id = await closedChannel(net, ['ann', 'ben']);
    const about = await share({ net, id }, content(MIB));
    const lobby = await net.channel('lobby', 'ann', 'eve');
    const attachments = [{ ...about, name: 'film.bin', type: 'text/plain' }];
    await net.world.until(net.get('ann').node.channels.send(lobby, 'for all', { attachments }));
    await until({ net, id: lobby }, 'eve', about, 'here');
  });
});

describe('what disappears in a conversation of two', () => {
  it.each([
    ['root', byRoot],
    ['key', byKey],
  ])('is not kept by somebody else who names it elsewhere by its %s', async (_, by) => {
    const scene = await pair('kept by naming');
    const { net, id } = scene;
    const lobby = await net.channel('lobby', 'ben', 'eve');
    await net.world.until(net.get('ann').node.channels.setTimer(id, 5 * 60));
    await net.world.advance(5000);
    const { node } = net.get('ann');
    net.world.files('ann').place('/film.bin', content(MIB));
    const file = await net.world.until(node.files.offer('/film.bin', id));
    const attachments = [{ ...file, type: 'application/octet-stream' }, note(SECRET)];
    const sent = await net.world.until(node.channels.send(id, 'look', { attachments }));
    const about = sent.attachments[0] && aboutFile(sent.attachments[0]);
    if (!about) throw new Error('no file');
    await until(scene, 'ben', about, 'here');
    const sha256 = digestOf(SECRET);
    await nameTo(net, ['eve', 'ben'], lobby, [by(about), { sha256, type: 'text/plain', size: 1, name: 'y' }]);
    await net.world.advance(20 * MINUTE);
    expect(await net.history('ben', id)).toEqual([]);
    expect(standing(scene, 'ben', about).state).toBe('offered');
    expect(net.world.drive('ben').disk.get('attachments', sha256)).toBeUndefined();
  });
});

it('a file whose message was forgotten for want of room is not removed by somebody else who names it where messages disappear', async () => {
  const net = new Network({ seed: 'removed by naming' });
  await around(net, ['ann', 'ben', 'eve'], { channels: { senderMessages: 3 } });
  const scene = { net, id: await net.channel('lobby', 'ann', 'ben') };
  const about = await share(scene, content(MIB));
  await until(scene, 'ben', about, 'here');
  for (const text of ['one', 'two', 'three', 'four']) await net.send('ann', scene.id, text);
  await net.world.advance(MINUTE);
  expect(await net.history('ben', scene.id)).not.toContain('a film');
  await befriend(net, 'eve', 'ben');
  const other = net.get('eve').node.direct.idWith(net.get('ben').identity.keyId);
  await net.world.runUntil(() => ['eve', 'ben'].every((host) => net.knows(host, other)), { limitMs: MINUTE });
  await net.world.until(net.get('eve').node.channels.setTimer(other, 5 * 60));
  await net.world.advance(5000);
  const attachments = [{ ...about, name: 'x', type: 'text/plain' }];
  await net.world.until(net.get('eve').node.channels.send(other, 'look', { attachments }));
  await net.world.runUntil(() => net.texts('ben').includes('look'), { limitMs: MINUTE });
  await net.world.advance(20 * MINUTE);
  expect(await net.history('ben', other)).toEqual([]);
  expect(standing(scene, 'ben', about).state).toBe('here');
});
