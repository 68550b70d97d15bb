import { hex } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { commands } from 'vitest/browser';
import { filesContract } from '../contract/lib/files-contract.ts';
import { FilesWorker } from './lib/files-worker.ts';
import { start, until } from './lib/nodes.ts';
import { newBrowser, tab } from './lib/parley.ts';
import type { NodeCommands } from './setup/commands.ts';

const MIB = 1024 * 1024;
const { setQuota } = commands as unknown as NodeCommands;
let made = 0;

/** One for all: to start a worker takes longer than a test. */
const worker = new FilesWorker();

filesContract('the private file system of an origin', async () => {
  const folder = `files contract ${made++}`;
  const files = worker.files(folder);
  return {
    open: () => files,
    place: async (bytes) => {
      const path = 'copy';
      await worker.ask({ folder, method: 'copy', args: [path, new Blob([bytes as Uint8Array<ArrayBuffer>])] });
      return path;
    },
    nowhere: 'copy-never',
    teardown: () => removeFolder(folder),
  };
});

async function removeFolder(name: string): Promise<void> {
  await (await navigator.storage.getDirectory()).removeEntry(name, { recursive: true });
}

function bytesOf(size: number, seed: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = (Math.imul(i + seed, 2654435761) >>> 13) & 255;
  return bytes;
}

const digest = async (data: BufferSource): Promise<string> => hex(new Uint8Array(await crypto.subtle.digest('SHA-256', data)));

describe('copies of what a page sends', () => {
  it('go when nothing needs them', async () => {
    const folder = `files copies ${made++}`;
    const files = worker.files(folder);
    for (const name of ['one', 'two']) await worker.ask({ folder, method: 'copy', args: [name, new Blob(['words'])] });
    await worker.ask({ folder, method: 'keepOnly', args: [['two']] });
    await expect(files.outside('one')).rejects.toMatchObject({ code: 'not-found' });
    expect((await files.outside('two')).size).toBe(5);
    await removeFolder(folder);
  });
});

describe('a large file', () => {
  it('goes from a tab to a program and to another tab, from a program to a tab, and is there after the node of the tab starts again', async () => {
    const server = await start({ name: 'server', port: 0 });
    const other = await start({ name: 'bob', nodeType: 'client', connect: [server.url] });
    const [annName, eveName] = [newBrowser(), newBrowser()];
    const ann = tab(annName, server.location);
    const eve = tab(eveName, server.location);
    await ann.begin('Ann');
    await eve.begin('Eve');
    await other.create('films');
    for (const { node } of [ann, eve]) {
      await until(async () => (await node.channels()).some(({ name }) => name === 'films'), 'the channel is known');
      await node.join('films');
    }
    await until(async () => (await ann.node.members('films')).length === 3, 'all are members');
    const bytes = bytesOf(0.75 * MIB + 7, 1);
    const progress: number[] = [];
    ann.node.subscribe((event) => {
      if (event.event === 'reading') progress.push(event.have / event.size);
    });
    const offered = await ann.node.offerFile('films', crypto.randomUUID(), new File([bytes], 'film.bin'));
    expect(offered).toMatchObject({ name: 'film.bin', size: bytes.length, sha256: await digest(bytes) });
    expect(progress.at(-1)).toBe(1);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    const { msg_id } = await ann.node.send('films', 'a film', { attachments: [{ ...offered, type: 'application/octet-stream' }] });
    await until(async () => (await other.filesHere()).includes(offered.sha256), 'the program has it');
    const arrived = async (parley: typeof ann, id: string): Promise<boolean> =>
      (await parley.node.message('films', id))?.attachments?.[0]?.state === 'here';
    await until(() => arrived(eve, msg_id), 'the other tab has it');
    expect(await digest(await (await eve.node.file('films', msg_id, 0)).arrayBuffer())).toBe(offered.sha256);
    expect(await digest(await (await ann.node.file('films', msg_id, 0)).arrayBuffer())).toBe(offered.sha256);

    const theirs = await other.share('films', 0.5 * MIB + 3);
    await until(() => arrived(ann, theirs.msgId), 'it has come from the program');
    const file = await ann.node.file('films', theirs.msgId, 0);
    expect([file.type, await digest(await file.arrayBuffer())]).toEqual(['', theirs.sha256]);

    await ann.close();
    const again = tab(annName, server.location);
    await until(() => arrived(again, theirs.msgId), 'it is still there');
    expect((await again.node.file('films', msg_id, 0)).size).toBe(bytes.length);
    const fetched = async () => (await again.node.message('films', theirs.msgId))?.attachments?.[0];
    const states: string[] = [];
    again.node.subscribe((event) => {
      if (event.event === 'attachment' && event.sha256 === theirs.sha256) states.push(event.state);
    });
    await again.node.removeFile((await fetched())?.root ?? '');
    expect(await fetched()).toMatchObject({ state: 'offered', have: 0 });
    await until(async () => states.includes('offered'), 'it is told');
    await expect(again.node.file('films', theirs.msgId, 0)).rejects.toMatchObject({ code: 'not-found' });
    await again.node.fetchFile('films', theirs.msgId, 0);
    await until(() => arrived(again, theirs.msgId), 'it has come again');
    await again.node.removeFile(offered.root);
    await expect(again.node.file('films', msg_id, 0)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('is not read on when its user has changed their mind, and where there is no room it is said; neither leaves anything', async () => {
    const browser = newBrowser();
    const parley = tab(browser);
    await parley.begin('Ann');
    await parley.node.create('films');
    const id = crypto.randomUUID();
    const offering = parley.node.offerFile('films', id, new File([bytesOf(24 * MIB, 2)], 'long.bin'));
    const ended = parley.node.subscribe((event) => {
      if (event.event === 'reading') void parley.node.cancelOffer(id);
    });
    await expect(offering).rejects.toMatchObject({ code: 'aborted' });
    ended();
    await setQuota(4 * MIB);
    try {
      const tooLarge = parley.node.offerFile('films', crypto.randomUUID(), new File([bytesOf(8 * MIB, 3)], 'large.bin'));
      await expect(tooLarge).rejects.toMatchObject({ code: 'storage-full' });
    } finally {
      await setQuota(undefined);
    }
    const offered = await parley.node.offerFile('films', id, new File([bytesOf(MIB, 4)], 'small.bin'));
    expect(offered.size).toBe(MIB);
    const root = await navigator.storage.getDirectory();
    const copies: string[] = [];
    for await (const folder of root.values()) {
      if (folder.kind !== 'directory' || !folder.name.startsWith(`${browser} `)) continue;
      const sent = await (folder as FileSystemDirectoryHandle).getDirectoryHandle('sent');
      for await (const name of sent.keys()) copies.push(name);
    }
    expect(copies).toEqual([id]);
  });
});
