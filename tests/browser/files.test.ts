import { hex } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { commands } from 'vitest/browser';
import { filesContract } from '../contract/lib/files-contract.ts';
import { FilesWorker } from './lib/files-worker.ts';
import { start, until } from './lib/nodes.ts';
import { openPage } from './lib/pages.ts';
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

/** Names of what a browser has copied to be sent. */
async function sentCopies(browser: string): Promise<string[]> {
  const copies: string[] = [];
  for await (const folder of (await navigator.storage.getDirectory()).values()) {
    if (folder.kind !== 'directory' || !folder.name.startsWith(`${browser} `)) continue;
    const sent = await (folder as FileSystemDirectoryHandle).getDirectoryHandle('sent');
    for await (const name of sent.keys()) copies.push(name);
  }
  return copies;
}

const digest = async (data: BufferSource): Promise<string> => hex(new Uint8Array(await crypto.subtle.digest('SHA-256', data)));

describe('a file that another worker has not let go of', () => {
  it('is removed, and made anew, as soon as it has', async () => {
    const folder = `files held ${made++}`;
    const other = new FilesWorker().files(folder);
    const files = worker.files(folder);
    const held = await other.create('file');
    const removed = files.remove('file');
    // By then it has begun.
    expect(await files.list()).toHaveLength(1);
    await held.close();
    await removed;
    expect(await files.list()).toEqual([]);
    await (await files.create('file')).close();
    await removeFolder(folder);
  });
});

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
      if (event.event === 'reading') void parley.node.discardDraft(id);
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
    expect(await sentCopies(browser)).toEqual([id]);
  });
});

describe('files that were chosen and are not sent yet', () => {
  /** The rows of the drafts of a browser, changed. */
  async function redraft(name: string, change: (row: Record<string, unknown>) => void): Promise<void> {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(`${name} drafts`);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const transaction = database.transaction('files', 'readwrite');
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
      const read = transaction.objectStore('files').openCursor();
      read.onsuccess = () => {
        const cursor = read.result;
        if (!cursor) return;
        change(cursor.value);
        cursor.update(cursor.value);
        cursor.continue();
      };
    });
    database.close();
  }

  const small = (name: string, size: number) => {
    const about = { name, type: 'text/plain' };
    return { id: crypto.randomUUID(), ...about, size, attachment: { ...about, bytes: bytesOf(size, 9) } };
  };

  it('wait in order over a reload, are read on where that was cut off, go when they are sent or discarded, and keep what was sent', async () => {
    const name = newBrowser();
    const first = tab(name);
    await first.begin('Ann');
    const { id: channel } = await first.node.create('films');
    const note = small('note.txt', 100);
    await first.node.keepDraft(channel, note);
    const bytes = bytesOf(2 * MIB, 5);
    const [film, other] = [crypto.randomUUID(), crypto.randomUUID()];
    await first.node.offerFile(channel, film, new File([bytes], 'film.bin', { type: 'video/mp4; codecs=x' }));
    await first.node.offerFile(channel, other, new File([bytesOf(MIB, 6)], 'other.bin'));
    await first.close();
    await redraft(name, (row) => {
      if (row.id === film) delete row.attachment;
    });

    const second = tab(name);
    const ready = async () => (await second.node.drafts(channel)).every(({ attachment }) => attachment !== undefined);
    await until(ready, 'it is read on');
    const drafts = await second.node.drafts(channel);
    expect(drafts.map((draft) => [draft.name, draft.type])).toEqual([
      ['note.txt', 'text/plain'],
      ['film.bin', 'video/mp4'],
      ['other.bin', 'application/octet-stream'],
    ]);
    const attachments = drafts.slice(0, 2).flatMap(({ attachment }) => attachment ?? []);
    const { msg_id } = await second.node.send(channel, 'both', { attachments });
    // A page that ends before it has said that they are sent.
    await second.close();
    const third = tab(name);
    await until(async () => (await third.node.drafts(channel)).length === 2, 'what was sent by its root is known as sent');
    await third.node.discardDraft(film);
    expect(await digest(await (await third.node.file(channel, msg_id, 1)).arrayBuffer())).toBe(await digest(bytes));
    await third.node.sentDrafts([note.id]);
    await third.node.discardDraft(other);
    expect(await third.node.drafts(channel)).toEqual([]);
    await third.close();
    const fourth = tab(name);
    expect(await fourth.node.drafts(channel)).toEqual([]);
    expect(await sentCopies(name)).toHaveLength(1);
  });

  it('of which a page that ends has given only a part have to be chosen again, and leave no part of it', async () => {
    const name = newBrowser();
    const dying = await openPage(name);
    await dying.window.parley.begin('Ann');
    const { id: channel } = await dying.window.parley.node.create('films');
    const id = crypto.randomUUID();
    dying.window.parley.node.offerFile(channel, id, new File(Array(256).fill(new Blob([bytesOf(MIB, 7)])), 'long.bin')).catch(() => {});
    await until(async () => dying.window.events.some(({ event }) => event === 'reading'), 'it is being copied');
    dying.kill();
    const next = tab(name);
    expect(await next.node.drafts(channel)).toMatchObject([{ id, name: 'long.bin', reading: false }]);
    expect(await sentCopies(name)).toEqual([]);
    await next.node.discardDraft(id);
    expect(await next.node.drafts(channel)).toEqual([]);
  });

  it('are bounded, and go with the channel that was left', async () => {
    const name = newBrowser();
    const parley = tab(name);
    await parley.begin('Ann');
    const { id: channel } = await parley.node.create('films');
    for (let i = 0; i < 16; i++) await parley.node.keepDraft(channel, small(`${i}`, 16 * 1024));
    await expect(parley.node.keepDraft(channel, small('one more', 1))).rejects.toMatchObject({ code: 'quota' });
    const { id: elsewhere } = await parley.node.create('elsewhere');
    await expect(parley.node.keepDraft(elsewhere, small('large', 256 * 1024 + 1))).rejects.toMatchObject({ code: 'too-large' });
    await expect(parley.node.keepDraft('nowhere', small('a', 1))).rejects.toMatchObject({ code: 'not-found' });
    await parley.node.keepDraft(elsewhere, small('a', 1));
    await parley.node.leave(channel);
    await parley.close();
    const again = tab(name);
    const left = async (): Promise<unknown[]> => {
      const rows: unknown[] = [];
      await redraft(name, (row) => rows.push(row.channel));
      return rows;
    };
    await until(async () => (await left()).length === 1, 'they are gone');
    expect(await left()).toEqual([elsewhere]);
    expect(await again.node.drafts(elsewhere)).toHaveLength(1);
  });
});
