import { aboutFile, FILE_ASK, FILE_WANT, type FileAbout, ParleyError } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { around, CHUNK, content, MIB, read, same, share, standing, until, value } from './lib/file-scene.ts';

describe('a file', () => {
  it('reaches members behind a server, who fetch what is small by themselves', async () => {
    const scene = await around('files by a relay', ['ben', 'eve']);
    const bytes = content(MIB + 12_345);
    const about = await share(scene, bytes);
    for (const host of ['ben', 'eve']) {
      await until(scene, host, about, 'here');
      expect(same(await read(scene, host, about), bytes)).toBe(true);
    }
    expect(value(scene, 'ann', 'file_chunks_given', 'relayed')).toBeGreaterThanOrEqual(10);
    expect(value(scene, 'ann', 'file_chunks_given', 'transfer')).toBe(0);
    expect(scene.net.errors()).toEqual([]);
  });

  it('goes over a link where there is one, and messages are not held up by it', async () => {
    const scene = await around('files by a link', ['ben'], ['ben']);
    const bytes = content(12 * MIB);
    const about = await share(scene, bytes);
    await until(scene, 'ben', about, 'fetching');
    await scene.net.send('ann', scene.id, 'still there?');
    await scene.net.world.runUntil(() => scene.net.texts('ben').includes('still there?'), { limitMs: 5000 });
    await until(scene, 'ben', about, 'here');
    expect(same(await read(scene, 'ben', about), bytes)).toBe(true);
    expect(value(scene, 'ann', 'file_chunks_given', 'relayed')).toBe(0);
  });

  it('that is large waits until its user asks for it', async () => {
    const scene = await around('files on demand', ['ben'], ['ben'], { files: { autoBytes: MIB } });
    const about = await share(scene, content(2 * MIB));
    await scene.net.world.runUntil(() => scene.net.texts('ben').includes('a film'));
    await scene.net.world.advance(60_000);
    expect(standing(scene, 'ben', about)).toEqual({ state: 'offered', bytes: 0 });
    await scene.net.world.until(scene.net.get('ben').node.files.fetch(about, scene.id, scene.net.idOf('ann')));
    await until(scene, 'ben', about, 'here');
  });

  it('can be had from another member when its sender is gone', async () => {
    const scene = await around('files from others', ['ben', 'eve']);
    const bytes = content(MIB);
    const about = await share(scene, bytes);
    await until(scene, 'ben', about, 'here');
    await scene.net.stop('ann');
    await scene.net.client('joe');
    scene.net.link('joe', 'hub');
    await scene.net.join(scene.id, 'joe');
    await until(scene, 'joe', about, 'here');
    expect(same(await read(scene, 'joe', about), bytes)).toBe(true);
  });

  it('comes from several at once', async () => {
    const scene = await around('files from several', ['ben', 'eve'], ['ben', 'eve'], { files: { autoBytes: 0 } });
    const about = await share(scene, content(12 * MIB));
    const fetch = (host: string): Promise<void> =>
      scene.net.world.until(scene.net.get(host).node.files.fetch(about, scene.id, scene.net.idOf('ann')));
    await scene.net.world.runUntil(() => scene.net.texts('ben').includes('a film') && scene.net.texts('eve').includes('a film'));
    await fetch('ben');
    await until(scene, 'ben', about, 'here');
    scene.net.link('eve', 'ben');
    await scene.net.world.advance(2000);
    const before = value(scene, 'ann', 'file_chunks_given', 'transfer');
    await fetch('eve');
    await until(scene, 'eve', about, 'here');
    expect(value(scene, 'ben', 'file_chunks_given', 'transfer')).toBeGreaterThan(0);
    expect(value(scene, 'ann', 'file_chunks_given', 'transfer')).toBeGreaterThan(before);
  });
});

describe('a fetch', () => {
  it.each(['ben', 'ann'])('goes on where it was when the node of %s is killed', async (victim) => {
    const scene = await around(`files and a crash of ${victim}`, ['ben']);
    const bytes = content(4 * MIB);
    const about = await share(scene, bytes);
    await scene.net.world.runUntil(() => standing(scene, 'ben', about).bytes >= 1.5 * MIB, { limitMs: 120_000 });
    scene.net.crash(victim);
    await scene.net.world.advance(10_000);
    const given = victim === 'ann' ? 0 : value(scene, 'ann', 'file_chunks_given', 'relayed');
    await scene.net.restart(victim);
    await until(scene, 'ben', about, 'here');
    expect(same(await read(scene, 'ben', about), bytes)).toBe(true);
    // At least 6 chunks of 16 are not fetched again, but for what was under way.
    expect(value(scene, 'ann', 'file_chunks_given', 'relayed') - given).toBeLessThanOrEqual(14);
  });

  it('takes nothing on trust that is on its disk: what was damaged meanwhile comes again', async () => {
    const scene = await around('files and a damaged disk', ['ben']);
    const bytes = content(2 * MIB);
    const about = await share(scene, bytes);
    await scene.net.world.runUntil(() => standing(scene, 'ben', about).bytes >= MIB, { limitMs: 120_000 });
    scene.net.crash('ben');
    scene.net.world
      .files('ben')
      .peek(about.root)
      ?.fill(0, CHUNK, CHUNK + 100);
    await scene.net.restart('ben');
    await until(scene, 'ben', about, 'here');
    expect(same(await read(scene, 'ben', about), bytes)).toBe(true);
  });

  it('of which all is here can be read before it is on disk, and after a loss of power what was lost comes again', async () => {
    const scene = await around('files and a loss of power', ['ben']);
    const disk = scene.net.world.files('ben');
    const bytes = content(MIB + 1);
    // The lists of a file are on disk before its content is asked for.
    const about = await share(scene, bytes);
    await until(scene, 'ben', about, 'fetching');
    await scene.net.world.runUntil(() => standing(scene, 'ben', about).bytes > 0);
    disk.syncing = () => new Promise(() => {});
    await until(scene, 'ben', about, 'here');
    expect(same(await read(scene, 'ben', about), bytes)).toBe(true);
    await scene.net.world.advance(60_000);
    scene.net.crash('ben');
    disk.peek(about.root)?.fill(0, 3 * CHUNK, 4 * CHUNK);
    disk.syncing = async () => {};
    const given = value(scene, 'ann', 'file_chunks_given', 'relayed');
    await scene.net.restart('ben');
    await until(scene, 'ben', about, 'here');
    expect(value(scene, 'ann', 'file_chunks_given', 'relayed') - given).toBe(1);
    expect(same(await read(scene, 'ben', about), bytes)).toBe(true);
  });

  it('that cannot be brought to disk rests, and says so, and goes on by itself once it can', async () => {
    const scene = await around('files and a disk that fails', ['ben']);
    const about = await share(scene, content(MIB));
    await until(scene, 'ben', about, 'fetching');
    await scene.net.world.runUntil(() => standing(scene, 'ben', about).bytes > 0);
    scene.net.world.files('ben').syncing = async () => {
      throw new ParleyError('storage', 'the disk is broken');
    };
    await scene.net.world.runUntil(() => standing(scene, 'ben', about).error !== undefined, { limitMs: 60_000 });
    expect(standing(scene, 'ben', about)).toMatchObject({ state: 'waiting', error: { code: 'storage' } });
    scene.net.world.files('ben').syncing = async () => {};
    await until(scene, 'ben', about, 'here');
  });

  it('counts a wrong chunk against whoever gave it, and has it from somebody else', async () => {
    const scene = await around('files and a wrong chunk', ['ben', 'eve'], ['ben', 'eve'], { files: { autoBytes: 0 } });
    const bytes = content(12 * MIB);
    const about = await share(scene, bytes);
    const fetch = (host: string): Promise<void> =>
      scene.net.world.until(scene.net.get(host).node.files.fetch(about, scene.id, scene.net.idOf('ann')));
    await scene.net.world.runUntil(() => scene.net.texts('ben').includes('a film') && scene.net.texts('eve').includes('a film'));
    await fetch('ben');
    await until(scene, 'ben', about, 'here');
    scene.net.world.files('ben').peek(about.root)?.fill(1);
    scene.net.link('eve', 'ben');
    await scene.net.world.advance(2000);
    await fetch('eve');
    await until(scene, 'eve', about, 'here');
    expect(same(await read(scene, 'eve', about), bytes)).toBe(true);
    expect(value(scene, 'eve', 'rejections', 'file-chunk')).toBe(1);
  });

  it.each([
    ['size', 'file-sealing', (about: FileAbout) => ({ size: about.size + CHUNK })],
    ['key', 'file-sealing', () => ({ key: new Uint8Array(32).fill(9) })],
    ['digest', 'file-digest', () => ({ sha256: '0'.repeat(64) })],
  ])('of a file whose message lies about its %s fails in clear words, and leaves nothing', async (_, reason, lie) => {
    const scene = await around(`files and a lie: ${reason} ${_}`, ['ben'], ['ben']);
    const { node } = scene.net.get('ann');
    scene.net.world.files('ann').place('/film', content(MIB));
    const file = await scene.net.world.until(node.files.offer('/film', scene.id));
    const attachment = { ...file, type: 'image/png', ...lie(file) };
    const sent = await scene.net.world.until(node.channels.send(scene.id, 'a lie', { attachments: [attachment] }));
    const about = sent.attachments[0] && aboutFile(sent.attachments[0]);
    if (!about) throw new Error('no file is named');
    await until(scene, 'ben', about, 'failed');
    expect(standing(scene, 'ben', about).error?.message).toContain('not what its message says');
    expect(value(scene, 'ben', 'rejections', reason)).toBe(1);
    expect(await scene.net.world.files('ben').list()).toEqual([]);
    expect(scene.net.texts('ben')).toContain('a lie');
  });

  it('rests when the disk is full, keeps what is there, and goes on when there is room', async () => {
    const scene = await around('files and a full disk', ['ben'], ['ben'], { files: { spareBytes: 0 } });
    const disk = scene.net.world.files('ben');
    const bytes = content(4 * MIB);
    scene.net.world.files('ann').place('/film', bytes);
    const { node } = scene.net.get('ann');
    const file = await scene.net.world.until(node.files.offer('/film', scene.id));
    await scene.net.world.until(node.channels.send(scene.id, 'a film', { attachments: [{ ...file, type: 'application/octet-stream' }] }));
    await until(scene, 'ben', file, 'fetching');
    disk.capacityBytes = 2 * MIB;
    await scene.net.world.runUntil(() => standing(scene, 'ben', file).error !== undefined, { limitMs: 60_000 });
    expect(standing(scene, 'ben', file)).toMatchObject({ state: 'waiting', error: { code: 'storage-full' } });
    disk.capacityBytes = Number.POSITIVE_INFINITY;
    await scene.net.world.until(scene.net.get('ben').node.files.fetch(file, scene.id, scene.net.idOf('ann')));
    await until(scene, 'ben', file, 'here');
    expect(same(await read(scene, 'ben', file), bytes)).toBe(true);
    disk.capacityBytes = 5 * MIB;
    const other = { ...file, root: 'a'.repeat(64) };
    const more = scene.net.world.until(scene.net.get('ben').node.files.fetch(other, scene.id, scene.net.idOf('ann')));
    await expect(more).rejects.toMatchObject({ code: 'storage-full' });
  });

  it('keeps within what its user gives to files', async () => {
    const scene = await around('files and bounds', ['ben'], [], { files: { maxBytes: 2 * MIB, maxUnfinished: 1, autoBytes: 0 } });
    const { files } = scene.net.get('ben').node;
    const about = (name: string, size: number): FileAbout => ({
      root: name.repeat(64),
      sha256: '1'.repeat(64),
      key: new Uint8Array(32),
      size,
    });
    const fetch = (file: FileAbout) => scene.net.world.until(files.fetch(file, scene.id, scene.net.idOf('ann')));
    await expect(fetch(about('a', 3 * MIB))).rejects.toMatchObject({ code: 'quota' });
    await fetch(about('b', MIB));
    await expect(fetch(about('c', MIB))).rejects.toMatchObject({ code: 'quota' });
    await scene.net.world.advance(30_000);
    expect(files.standing(about('b', MIB))).toEqual({ state: 'waiting', bytes: 0 });
    await scene.net.world.until(files.remove('b'.repeat(64)));
    await fetch(about('c', MIB));
  });
});

it('fills the disk unasked only so far: beyond that it waits to be asked for', async () => {
  const scene = await around('files that nobody asked for', ['ben'], ['ben'], { files: { maxAutoBytes: 5 * MIB } });
  for (const size of [MIB, MIB + 1]) await until(scene, 'ben', await share(scene, content(size)), 'here');
  const third = await share(scene, content(MIB + 2));
  await scene.net.world.advance(30_000);
  expect(standing(scene, 'ben', third)).toEqual({ state: 'offered', bytes: 0 });
  await scene.net.world.until(scene.net.get('ben').node.files.fetch(third, scene.id, scene.net.idOf('ann')));
});

it('of which nobody is there makes room for others that wait', async () => {
  const scene = await around('files in turn', ['ben'], ['ben'], { files: { maxActive: 1, autoBytes: 0 } });
  const about = await share(scene, content(MIB));
  const { files } = scene.net.get('ben').node;
  const lost: FileAbout = { root: 'a'.repeat(64), sha256: '1'.repeat(64), key: new Uint8Array(32), size: MIB };
  await scene.net.world.runUntil(() => scene.net.texts('ben').includes('a film'));
  for (const file of [lost, about]) await scene.net.world.until(files.fetch(file, scene.id, scene.net.idOf('ann')));
  await until(scene, 'ben', about, 'here');
  expect(standing(scene, 'ben', lost)).toEqual({ state: 'waiting', bytes: 0 });
});

describe('a file is given', () => {
  it('to members of the channel alone: others get nothing and are counted', async () => {
    const scene = await around('files and a stranger', ['ben']);
    const about = await share(scene, content(MIB));
    await scene.net.client('spy');
    scene.net.link('spy', 'hub');
    await scene.net.world.runUntil(() => scene.net.reaches('spy', 'ann') && scene.net.reaches('ann', 'spy'), { limitMs: 60_000 });
    const { overlay } = scene.net.get('spy').node;
    const asked = { msg_id: crypto.randomUUID(), recipient_id: scene.net.idOf('ann'), channel_id: scene.id, root: about.root };
    await scene.net.world.until(overlay.send(FILE_ASK, asked));
    await scene.net.world.until(overlay.send(FILE_WANT, { ...asked, level: 0, chunks: [0, 1] }));
    await scene.net.world.runUntil(() => value(scene, 'ann', 'rejections', 'file-not-a-member') === 2, { limitMs: 10_000 });
    await scene.net.world.advance(10_000);
    expect(value(scene, 'spy', 'received', 'FILE_CHUNK') + value(scene, 'spy', 'received', 'FILE_STATE')).toBe(0);
  });

  it('for the channels in which it was sent alone', async () => {
    const scene = await around('files and another channel', ['ben']);
    const about = await share(scene, content(MIB));
    const other = await scene.net.channel('cellar', 'ann', 'ben');
    const asked = { msg_id: crypto.randomUUID(), recipient_id: scene.net.idOf('ann'), channel_id: other, root: about.root };
    await scene.net.world.until(scene.net.get('ben').node.overlay.send(FILE_ASK, asked));
    await scene.net.world.runUntil(() => value(scene, 'ann', 'rejections', 'file-not-a-member') === 1, { limitMs: 10_000 });
  });

  it('no more when its sender has changed it, which is told as it is', async () => {
    const scene = await around('files and a changed source', ['ben'], ['ben'], { files: { autoBytes: 0 } });
    const about = await share(scene, content(MIB));
    scene.net.world.files('ann').place(`/film-${MIB}.bin`, content(MIB).fill(3));
    await scene.net.world.runUntil(() => scene.net.texts('ben').includes('a film'));
    await scene.net.world.until(scene.net.get('ben').node.files.fetch(about, scene.id, scene.net.idOf('ann')));
    await scene.net.world.runUntil(() => value(scene, 'ann', 'file_failures', 'conflict') > 0, { limitMs: 60_000 });
    await scene.net.world.advance(60_000);
    expect(standing(scene, 'ben', about)).toMatchObject({ state: 'waiting', bytes: 0 });
    expect(standing(scene, 'ann', about)).toMatchObject({ state: 'source', error: { code: 'conflict' } });
    expect(value(scene, 'ann', 'file_failures', 'conflict')).toBeLessThan(3);
    await expect(read(scene, 'ann', about)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('no more when it was changed and looks as before: nothing of it is sealed a second time', async () => {
    const scene = await around('files and an altered source', ['ben'], ['ben'], { files: { autoBytes: 0 } });
    const about = await share(scene, content(MIB));
    scene.net.world.files('ann').alter(`/film-${MIB}.bin`, content(MIB).fill(3));
    await scene.net.world.runUntil(() => scene.net.texts('ben').includes('a film'));
    await scene.net.world.until(scene.net.get('ben').node.files.fetch(about, scene.id, scene.net.idOf('ann')));
    await scene.net.world.runUntil(() => value(scene, 'ann', 'file_failures', 'conflict') > 0, { limitMs: 60_000 });
    await scene.net.world.advance(10_000);
    expect(value(scene, 'ben', 'rejections', 'file-chunk')).toBe(0);
    expect(standing(scene, 'ann', about)).toMatchObject({ state: 'source', error: { code: 'conflict' } });
  });
});
