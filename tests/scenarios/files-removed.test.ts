import { expect, it } from 'vitest';
import { around, content, MIB, read, same, share, standing, until } from './lib/file-scene.ts';

it('a large file is removed by whoever does not need it, which makes room, and comes again when it is asked for', async () => {
  const scene = await around('files removed', ['ben'], ['ben']);
  const bytes = content(MIB);
  const about = await share(scene, bytes);
  await until(scene, 'ben', about, 'here');
  const { files, channels } = scene.net.get('ben').node;
  const told: unknown[] = [];
  files.events.on('file', ({ standing: now }) => told.push(now));
  const kept = async (): Promise<number> => (await scene.net.world.files('ben').list()).length;
  expect(await scene.net.world.until(kept())).toBe(2);
  await scene.net.world.until(files.remove(about.root));
  expect(await scene.net.world.until(kept())).toBe(0);
  expect(told).toEqual([{ state: 'offered', bytes: 0 }]);
  await expect(scene.net.world.until(files.remove(about.root))).rejects.toMatchObject({ code: 'not-found' });
  // Not by itself, neither at once nor when the message is seen again.
  await scene.net.world.advance(600_000);
  await scene.net.world.until(channels.archive.history(scene.id, { limit: 10 }));
  expect(standing(scene, 'ben', about)).toEqual({ state: 'offered', bytes: 0 });
  await scene.net.world.until(files.fetch(about, scene.id, scene.net.idOf('ann')));
  await until(scene, 'ben', about, 'here');
  expect(same(await read(scene, 'ben', about), bytes)).toBe(true);
});

it('one that is removed while it is being written down is gone, and comes again at once', async () => {
  const scene = await around('files removed early', ['ben'], ['ben']);
  const bytes = content(MIB);
  const { world } = scene.net;
  const about = await share(scene, bytes);
  let synced = (): void => {};
  world.files('ben').syncing = async () => {
    if (standing(scene, 'ben', about).state !== 'here') return;
    await new Promise<void>((resolve) => {
      synced = resolve;
    });
  };
  await until(scene, 'ben', about, 'here');
  const { files } = scene.net.get('ben').node;
  world.drive('ben').slow(500);
  const removed = files.remove(about.root);
  await world.advance(100);
  synced();
  await world.until(removed);
  await world.advance(2000);
  world.files('ben').syncing = async () => {};
  expect(standing(scene, 'ben', about)).toEqual({ state: 'offered', bytes: 0 });
  await world.until(files.fetch(about, scene.id, scene.net.idOf('ann')));
  expect(standing(scene, 'ben', about)).not.toMatchObject({ state: 'here' });
  await until(scene, 'ben', about, 'here');
  expect(same(await read(scene, 'ben', about), bytes)).toBe(true);
});

it('one that is asked for again before all of it is gone comes again', async () => {
  const scene = await around('files removed and wanted', ['ben'], ['ben']);
  const bytes = content(MIB);
  const { world } = scene.net;
  const about = await share(scene, bytes);
  await until(scene, 'ben', about, 'here');
  await world.advance(5000);
  const { files } = scene.net.get('ben').node;
  const again = (): Promise<void> => files.fetch(about, scene.id, scene.net.idOf('ann'));

  // While what is known of it is still being taken off the disk.
  world.drive('ben').slow(500);
  const removed = files.remove(about.root);
  const asked = again();
  await world.until(Promise.all([removed, asked]));
  await until(scene, 'ben', about, 'here');
  expect(same(await read(scene, 'ben', about), bytes)).toBe(true);
  await world.advance(5000);

  // While its bytes are.
  let goOn = (): void => {};
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  world.files('ben').removing = () => held;
  const gone = files.remove(about.root);
  await world.advance(2000);
  expect(standing(scene, 'ben', about).state).toBe('offered');
  const wanted = again();
  await world.advance(2000);
  world.files('ben').removing = async () => {};
  goOn();
  await world.until(Promise.all([gone, wanted]));
  await until(scene, 'ben', about, 'here');
  expect(same(await read(scene, 'ben', about), bytes)).toBe(true);
});

it('a large file goes with its message when that is deleted: what is here of it, and what is still being fetched', async () => {
  const scene = await around('files deleted', ['ben', 'cid'], ['ben'], { files: { autoBytes: 0 } });
  const { net, id } = scene;
  const about = await share(scene, content(MIB));
  const lost = { ...(await share(scene, content(2 * MIB))) };
  await net.world.runUntil(() => ['ben', 'cid'].every((host) => net.texts(host).length === 2), { limitMs: 60_000 });
  for (const host of ['ben', 'cid']) await net.world.until(net.get(host).node.files.fetch(about, id, net.idOf('ann')));
  await until(scene, 'ben', about, 'here');
  net.world.files('ann').takeAway(`/film-${2 * MIB}.bin`);
  await net.world.until(net.get('ben').node.files.fetch(lost, id, net.idOf('ann')));
  await until(scene, 'ben', lost, 'waiting');
  for (const { msgId } of await net.world.until(net.get('ann').node.channels.archive.history(id, { limit: 10 })))
    await net.world.until(net.get('ann').node.channels.act(id, 'delete', msgId));
  await net.world.runUntil(() => ['ann', 'ben', 'cid'].every((host) => net.get(host).node.files.list().length === 0), {
    limitMs: 60_000,
    what: 'that nobody has anything of it',
  });
  expect(await net.world.files('ben').list()).toEqual([]);
  expect(net.errors()).toEqual([]);
});

it('a large file that its sender has moved away is waited for, and is there when it is back', async () => {
  const scene = await around('files moved', ['ben'], [], { files: { autoBytes: 0 } });
  const { node } = scene.net.get('ann');
  const bytes = content(2 * MIB);
  scene.net.world.files('ann').place('/film', bytes);
  const file = await scene.net.world.until(node.files.offer('/film', scene.id));
  await scene.net.world.until(node.channels.send(scene.id, 'a film', { attachments: [{ ...file, type: 'application/octet-stream' }] }));
  await scene.net.world.advance(5000);
  const putBack = scene.net.world.files('ann').takeAway('/film');
  await scene.net.world.until(scene.net.get('ben').node.files.fetch(file, scene.id, scene.net.idOf('ann')));
  await scene.net.world.runUntil(() => standing(scene, 'ann', file).error !== undefined, { limitMs: 60_000 });
  expect(standing(scene, 'ann', file).error?.message).toContain('when it is back');
  await scene.net.world.advance(5 * 60_000);
  expect(standing(scene, 'ben', file)).toMatchObject({ state: 'waiting' });
  putBack();
  await until(scene, 'ben', file, 'here');
  expect(same(await read(scene, 'ben', file), bytes)).toBe(true);
  expect(standing(scene, 'ann', file).error).toBeUndefined();
});

it('large files of a message that is deleted as soon as it came are not waited for', async () => {
  const scene = await around('files at once', ['ben'], ['ben']);
  const { net, id } = scene;
  const { node } = net.get('ann');
  await net.world.advance(5000);
  const attachments = [];
  for (let i = 0; i < 8; i++) {
    net.world.files('ann').place(`/picture-${i}`, content(MIB / 2 + i));
    attachments.push({ ...(await net.world.until(node.files.offer(`/picture-${i}`, id))), type: 'image/png' });
  }
  net.world.drive('ben').slow(50);
  const { msgId } = await net.world.until(node.channels.send(id, 'eight pictures', { attachments }));
  await net.world.until(node.channels.act(id, 'delete', msgId));
  await net.world.advance(10 * 60_000);
  const history = await net.world.until(net.get('ben').node.channels.archive.history(id, { limit: 5 }));
  expect(history.at(-1)?.standing?.deleted).toBeDefined();
  expect(net.get('ben').node.files.list()).toEqual([]);
});

it('a file stays where its user asked for it, whoever deletes what named it in another channel', async () => {
  const scene = await around('files asked here', ['ben', 'cid'], ['ben'], { files: { autoBytes: 0 } });
  const { net, id } = scene;
  const about = await share(scene, content(MIB));
  const { node: cid } = net.get('cid');
  const { node: ben } = net.get('ben');
  await net.world.runUntil(() => ['ben', 'cid'].every((host) => net.texts(host).length === 1), { limitMs: 60_000 });
  const park = await net.channel('park', 'cid', 'ben');
  const attachments = [{ ...about, name: 'film', type: 'application/octet-stream' }];
  const named = await net.world.until(cid.channels.send(park, 'look', { attachments }));
  await net.world.runUntil(() => net.texts('ben').length === 2, { limitMs: 60_000 });
  await net.world.until(cid.files.fetch(about, id, net.idOf('ann')));
  await until(scene, 'cid', about, 'here');
  await net.world.until(ben.files.fetch(about, park, net.idOf('cid')));
  await net.world.until(ben.files.fetch(about, id, net.idOf('ann')));
  await until(scene, 'ben', about, 'here');
  await net.stop('ann');
  await net.world.until(cid.channels.act(park, 'delete', named.msgId));
  await net.world.advance(60_000);
  expect(standing(scene, 'ben', about).state).toBe('here');
});
