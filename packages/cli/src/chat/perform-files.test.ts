import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiEvent, MessageView } from '@parley/host';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Attached } from '../format/attachments.ts';
import { message } from './fixtures.ts';
import { type Files, listFiles, saveFile } from './perform-files.ts';
import type { Action } from './state.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'parley-chat-files-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const CONTENT = 'what is in it';
const about: Attached = { index: 0, name: 'a.txt', type: 'text/plain', size: CONTENT.length, sha256: 'x', state: 'offered', show: false };
type Event = Extract<ApiEvent, { event: 'attachment' }>;
const event = (state: Event['state'], more: Partial<Event> = {}): Event => ({
  event: 'attachment',
  channel_id: 'id-lobby',
  sha256: 'x',
  state,
  ...more,
});

/** A node that holds one message with a file, tells of it what the test says, and gives it. */
function nodeWith(attached: Attached, events: readonly ApiEvent[] = []) {
  const asked: string[] = [];
  const end = new AbortController();
  const cancel = new AbortController();
  const messages: MessageView[] = [message(1), message(2, { attachments: [attached] })];
  const files: Files['files'] = {
    messages: async () => messages,
    fetchAttachment: async (_, msgId, index) => {
      asked.push(`${msgId} ${index}`);
    },
    async attachment() {
      return (async function* () {
        for (const letter of CONTENT) yield Buffer.from(letter);
      })();
    },
    events: (signal) => ({
      open: Promise.resolve(),
      async *[Symbol.asyncIterator]() {
        yield* events;
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
      },
    }),
    send: async () => message(3),
    removeFile: async (root) => {
      asked.push(`remove ${root}`);
    },
  };
  const told: Action[] = [];
  const save = (to: string): Promise<void> =>
    saveFile(
      { files, signal: end.signal, cancelled: cancel.signal },
      { do: 'save', id: 1, channelId: 'id-lobby', msgId: message(2).cursor, index: 0, to },
      (action) => told.push(action),
    );
  const words = (): string[] => told.map((action) => ('text' in action ? `${action.type} ${action.text}` : action.type));
  return { files, asked, end, cancel, save, words };
}

describe('a file that is saved', () => {
  it('is fetched first, and it is said where it is then, also among the messages', async () => {
    const others = [event('fetching', { sha256: 'y' }), event('fetching', { channel_id: 'id-garden' })];
    const node = nodeWith(about, [...others, event('fetching', { have: 6 }), event('here', { have: CONTENT.length })]);
    await node.save(directory);
    const path = join(directory, 'a.txt');
    expect(node.asked).toEqual([`${message(2).cursor} 0`]);
    expect(await readFile(path, 'utf8')).toBe(CONTENT);
    expect(node.words()[0]).toBe('notice a.txt is asked for; /cancel gives it up');
    expect(node.words().slice(-2)).toEqual([`notice saved ${path} (13 bytes)`, `note saved ${path} (13 bytes)`]);
  });

  it('is not asked for where it is here, and is inside the directory whatever its sender calls it', async () => {
    const node = nodeWith({ ...about, state: 'here', name: '../../\u001b[2Jevil\n' });
    await node.save(directory);
    expect([node.asked, await readdir(directory)]).toEqual([[], ['_..__[2Jevil_']]);
    expect(node.words().at(-1)).toMatch(/^note saved [^\n]+$/);
  });

  it('is not fetched at all where something is in its place', async () => {
    await writeFile(join(directory, 'a.txt'), 'mine');
    const node = nodeWith(about);
    await expect(node.save(directory)).rejects.toMatchObject({ code: 'conflict' });
    await expect(node.save(join(directory, 'a.txt'))).rejects.toMatchObject({ code: 'conflict' });
    expect([node.asked, await readFile(join(directory, 'a.txt'), 'utf8')]).toEqual([[], 'mine']);
  });

  it('that cannot be had is told with the reason, and leaves nothing', async () => {
    const node = nodeWith(about, [event('failed', { error: { code: 'corrupt', message: 'it is another file' } })]);
    await expect(node.save(directory)).rejects.toMatchObject({ code: 'corrupt', message: 'it is another file' });
    expect(await readdir(directory)).toEqual([]);
  });

  it('is waited for no longer once the chat ends, and the node goes on with it', async () => {
    const node = nodeWith({ ...about, root: 'r' }, [event('waiting')]);
    const saving = node.save(directory);
    node.end.abort();
    await expect(saving).rejects.toMatchObject({ code: 'aborted' });
    expect([await readdir(directory), node.asked]).toEqual([[], expect.not.arrayContaining(['remove r'])]);
  });

  it('is neither fetched nor saved any more once it is cancelled', async () => {
    const node = nodeWith({ ...about, root: 'r' }, [event('waiting')]);
    const saving = node.save(directory);
    node.cancel.abort();
    await saving;
    expect([await readdir(directory), node.asked.at(-1)]).toEqual([[], 'remove r']);
    expect(node.words().at(-1)).toBe('notice a.txt: given up');
  });

  it('stays at the node where that has it, when it is cancelled while it is saved', async () => {
    const node = nodeWith({ ...about, root: 'r', state: 'here' });
    node.cancel.abort();
    await node.save(directory);
    expect([await readdir(directory), node.asked, node.words().at(-1)]).toEqual([[], [], 'notice a.txt: given up']);
  });
});

describe('the list of files', () => {
  it('is that of the messages, by their cursors, the latest first', async () => {
    const { files, end } = nodeWith(about);
    const listed = await listFiles({ files, signal: end.signal, cancelled: end.signal }, 'id-lobby');
    expect(listed).toEqual([{ msgId: message(2).cursor, sender: message(2).sender, attached: about }]);
  });
});
