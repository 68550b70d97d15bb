import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Attached } from '../format/attachments.ts';
import { chatState, message, person } from './fixtures.ts';
import { frame } from './frame.ts';
import { fileLines } from './perform-files.ts';
import { press } from './press.ts';
import { type ChatState, draftOf, type ListedFile } from './state.ts';
import { apply, type Update, update } from './update.ts';

const entered = (state: ChatState, line: string): Update => press(press(state, { key: 'text', text: line }).state, { key: 'enter' });
const shown = (state: ChatState): string =>
  frame(state)
    .pane.map((row) => row.map(({ text }) => text).join(''))
    .join('\n');
/** The same where lines are parted by nothing but the width of the screen. */
const flowing = (state: ChatState): string => shown(state).replace(/\s+/g, ' ');

const attached = (name: string, index = 0, state: Attached['state'] = 'offered'): Attached => ({
  index,
  name,
  type: 'text/plain',
  size: 1000,
  sha256: `sha of ${name}`,
  state,
  show: false,
});
const directory = mkdtempSync(join(tmpdir(), 'parley-chat-commands-'));
const path = join(directory, 'a plan.png');
writeFileSync(path, 'a plan');
afterAll(() => rmSync(directory, { recursive: true }));

/** Nothing is done, the line stays, and it is said why. */
function refuses(state: ChatState, line: string, why: string): void {
  const next = entered(state, line);
  expect([next.effects, draftOf(next.state).text]).toEqual([[], line]);
  expect(next.state.notice).toMatchObject({ tone: 'error', text: expect.stringContaining(why) });
}

const said = [
  message(1, { attachments: [attached('a.txt'), attached('b.txt', 1)] }),
  message(2, { attachments: [attached('c.txt')] }),
  message(3),
];

describe('/file', () => {
  const sent = entered(chatState(), `/file ${path}`);

  it('sends a file, and shows how far the node is with it', () => {
    expect(sent.effects).toEqual([{ do: 'send', channelId: 'id-lobby', localId: 1, text: '', path }]);
    expect(shown(sent.state)).toContain('sending a plan.png …');
    const half = apply(sent.state, { event: 'reading', path, have: 1024, size: 4096 }).state;
    expect(shown(half)).toContain('sending a plan.png: 1.0 KiB of 4.0 KiB');
    expect(apply(sent.state, { event: 'reading', path: '/another', have: 1, size: 2 }).state).toBe(sent.state);
  });

  it('says what went wrong', () => {
    const why = `there is no file ${path}`;
    const { state } = update(sent.state, { type: 'not-sent', channelId: 'id-lobby', localId: 1, why });
    expect(shown(state)).toMatch(/a plan\.png\s[\s\S]*not sent: there is no file/);
    const away = update(chatState(), { type: 'disconnected', why: 'gone' }).state;
    refuses(away, `/file ${path}`, 'your text is kept here');
  });

  it.each([
    ['/file', '/file PATH'],
    [`/file ${path}s`, `there is no file ${path}s`],
    [`/file ${directory}`, `${directory} is a directory`],
    [`/file ${path}/x`, `there is no file ${path}/x`],
  ])('without a file stays, and says why (%#)', (line, why) => refuses(chatState(), line, why));
});

describe('/files', () => {
  const files: ListedFile[] = said
    .toReversed()
    .flatMap(({ cursor, sender, attachments = [] }) => attachments.map((one) => ({ msgId: cursor, sender, attached: one })));
  const listed = update(chatState(said), { type: 'files', channelId: 'id-lobby', files, lines: fileLines(files, '/home/alice') }).state;

  it('asks for what is attached, and shows it with numbers', () => {
    expect(entered(chatState(said), '/files').effects).toEqual([{ do: 'files', channelId: 'id-lobby' }]);
    expect(listed.panel?.title).toBe('Files in #lobby');
    expect(listed.panel?.lines.map(({ text }) => text)).toEqual([
      '1  bob#1a2b  c.txt (text/plain, 1000 bytes, not fetched yet)',
      '2  bob#1a2b  a.txt (text/plain, 1000 bytes, not fetched yet)',
      '3  bob#1a2b  b.txt (text/plain, 1000 bytes, not fetched yet)',
      '',
      expect.stringContaining('/home/alice'),
    ]);
    expect(fileLines([], '/')).toEqual([expect.objectContaining({ text: expect.stringContaining('Nothing is attached') })]);
  });

  it('makes nothing of names that act on a terminal', () => {
    const evil = { msgId: 'x', sender: person('bo\u001b[2Jb'), attached: attached('\u001b]0;a\u0007\u202e.txt') };
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(fileLines([evil], '/tmp').map(({ text }) => text)).not.toContainEqual(expect.stringMatching(/[\u0000-\u001f\u202e]/));
  });

  it.each([
    ['/save 2', { msgId: message(1).cursor, index: 0 }],
    ['/save 3 /tmp/x y', { msgId: message(1).cursor, index: 1, to: resolve('/tmp/x y') }],
    ['/save', { msgId: message(2).cursor, index: 0 }],
    ['/save ./2', { msgId: message(2).cursor, index: 0, to: resolve('2') }],
  ])('%s saves the one that is meant, also when others came since', (line, which) => {
    const later = apply(listed, { event: 'message', message: message(4), late: false }).state;
    expect(entered(later, line).effects).toEqual([{ do: 'save', id: 1, channelId: 'id-lobby', ...which }]);
  });

  it('/cancel gives up what is being saved, and says where nothing is', () => {
    const both = entered(entered(listed, '/save 1').state, '/save 2').state;
    const done = update(both, { type: 'save-over', id: 1 }).state;
    expect(entered(both, '/cancel').effects).toEqual([{ do: 'cancel', ids: [1, 2] }]);
    expect(entered(done, '/cancel').effects).toEqual([{ do: 'cancel', ids: [2] }]);
    refuses(update(done, { type: 'save-over', id: 2 }).state, '/cancel', 'nothing is being saved');
  });

  it.each([
    [listed, '/save 4', 'there is no file 4'],
    [listed, '/save 0', 'there is no file 0'],
    [chatState(said), '/save 1', 'first /files'],
    [chatState([message(1)]), '/save', 'no file is attached'],
    [chatState(said.slice(0, 1)), '/save', 'several files are attached'],
    [listed, '/save 12345678', 'there is no file 12345678'],
    [listed, '/save -1', 'there is no file -1'],
    [listed, `/save 1 ${path}`, `${path} is there already: give another name`],
    [listed, `/save 1 ${directory}/no/`, `there is no directory ${directory}/no/`],
    [listed, `/save 1 ${directory}/no/such.txt`, `there is no directory for ${directory}/no/such.txt`],
  ])('what cannot be saved stays, and says why (%#)', (state, line, why) => refuses(state, line, why));
});

describe('what is attached', () => {
  it('is shown as it stands while it is fetched', () => {
    const event = { event: 'attachment', channel_id: 'id-lobby', sha256: 'sha of c.txt', size: 1000 } as const;
    const half = apply(chatState(said), { ...event, state: 'fetching', have: 500 }).state;
    expect(flowing(half)).toContain('[0] c.txt (text/plain, 1000 bytes, being fetched: 50 %)');
    const failed = apply(half, { ...event, state: 'failed', error: { code: 'corrupt', message: 'it is another' } }).state;
    expect(flowing(failed)).toContain('1000 bytes, it is another)');
    expect(flowing(apply(failed, { ...event, state: 'here', have: 1000 }).state)).toContain('[0] c.txt (text/plain, 1000 bytes)');
    expect(apply(half, { ...event, sha256: 'another', state: 'here' }).state).toBe(half);
  });

  it('is noted among the messages when it is saved', () => {
    const { state } = update(chatState(said), { type: 'note', channelId: 'id-lobby', text: 'saved /tmp/c.txt (1000 bytes)' });
    expect(shown(state)).toMatch(/message 3\s[\s\S]*saved \/tmp\/c\.txt \(1000 bytes\)/);
  });
});
