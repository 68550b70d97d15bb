import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { chatWith, fakeNode } from './fake-node.ts';
import { message } from './fixtures.ts';
import { readMark } from './read.ts';
import { activeChannel } from './state.ts';

describe('Chat', () => {
  it('connects, reads what is there, and shows what comes', async () => {
    const fake = fakeNode();
    const { chat, running, shown } = chatWith(fake);
    await vi.waitFor(() => expect(shown()).toEqual(['bob-1']));
    expect(activeChannel(chat.state)?.members).toEqual(['alice-id', 'bob-id']);
    fake.push({ event: 'message', message: message(2), late: false });
    await vi.waitFor(() => expect(shown()).toEqual(['bob-1', 'bob-2']));
    chat.quit();
    await running;
  });

  it('marks as read what is on the screen, and nothing while something else is in front of it', async () => {
    const fake = fakeNode();
    const { chat, running, shown } = chatWith(fake);
    const marks = (): string[] => fake.calls.filter((call) => call.startsWith('read '));
    const mark = (seq: number): string => `read id-lobby ${message(seq).cursor}`;
    await vi.waitFor(() => expect(shown()).toEqual(['bob-1']));
    await vi.waitFor(() => expect(marks()).toEqual([mark(1)]), { timeout: 5000 });
    for (const seq of [2, 3]) fake.push({ event: 'message', message: message(seq), late: false });
    await vi.waitFor(() => expect(marks()).toEqual([mark(1), mark(3)]), { timeout: 5000 });
    chat.dispatch({ type: 'panel', title: 'Info', lines: [] });
    expect(readMark(chat.state)).toBeUndefined();
    chat.quit();
    await running;
  });

  it('sends one message after another', async () => {
    const fake = fakeNode();
    const { chat, running, shown, say } = chatWith(fake);
    await vi.waitFor(() => expect(shown()).toEqual(['bob-1']));
    for (const text of ['a', '/reply bb', 'ccc']) say(text);
    await vi.waitFor(() => expect(activeChannel(chat.state)?.unconfirmed).toEqual([]));
    expect(fake.calls.filter((call) => call.startsWith('send'))).toEqual(['send a', 'send bb to bob-1', 'send ccc']);
    expect(shown()).toEqual(['alice-1', 'bob-1', 'alice-2', 'alice-3']);
    chat.quit();
    await running;
  });

  it('waits for a node that went away, and takes it up again', async () => {
    const fake = fakeNode();
    const { chat, running, shown } = chatWith(fake);
    await vi.waitFor(() => expect(shown()).toEqual(['bob-1']));
    fake.goAway();
    await vi.waitFor(() => expect(chat.state.connection.kind).toBe('offline'));
    fake.comeBack();
    await vi.waitFor(() => expect(chat.state.connection.kind).toBe('online'), { timeout: 5000 });
    chat.quit();
    await running;
  });

  it('makes and leaves channels, and shows what a search found', async () => {
    const fake = fakeNode();
    const { chat, running, shown, say } = chatWith(fake);
    await vi.waitFor(() => expect(shown()).toEqual(['bob-1']));
    say('/create garden');
    await vi.waitFor(() => expect(activeChannel(chat.state)?.view.name).toBe('garden'));
    say('/leave');
    await vi.waitFor(() => expect(activeChannel(chat.state)?.view.name).toBe('lobby'));
    say('/search message');
    await vi.waitFor(() => expect(chat.state.panel?.lines.map(({ text }) => text.trim())).toContain('message 1'));
    say('/create garden');
    await vi.waitFor(() => expect(activeChannel(chat.state)?.view.name).toBe('garden'));
    say('/join lobby');
    say('/forward garden');
    await vi.waitFor(() => expect(chat.state.notice?.text).toBe('forwarded bob#1a2b: message 1, to #garden'));
    expect(fake.calls).toContain('send **bob** wrote:\n> message 1');
    say('/info');
    await vi.waitFor(() => expect(chat.state.panel?.lines.map(({ text }) => text)).toContain('key      key_alice'));
    chat.quit();
    await running;
  });

  it('answers who asks, and turns to where one can talk then', async () => {
    const fake = fakeNode();
    const { chat, running, say } = chatWith(fake);
    const said = (words: string) => vi.waitFor(() => expect(chat.state.notice?.text).toBe(words));
    await vi.waitFor(() => expect(chat.state.invitations).toHaveLength(2));
    say('/accept carol');
    await said('carol#1a2b is a contact; compare the safety number with parley contacts verify');
    expect(activeChannel(chat.state)?.view.id).toBe('id-carol');
    say('/accept hideout');
    await said('joined #hideout');
    expect(activeChannel(chat.state)?.view.id).toBe('id-hideout');
    say('/accept cave');
    await said('#cave: accepted; you are in as soon as one of its members is here');
    say('/decline cave');
    await said('declined #cave');
    fake.push({ event: 'invitation', channel_id: 'id-cave' });
    await vi.waitFor(() => expect(fake.calls.filter((call) => call === 'invitations')).toHaveLength(2));
    expect(fake.calls).toEqual(expect.arrayContaining(['accept key_carol', 'accept id-hideout', 'accept id-cave', 'decline id-cave']));
    chat.quit();
    await running;
  });

  it('sends files, and lists what is attached', async () => {
    const fake = fakeNode();
    const { chat, running, shown, say } = chatWith(fake);
    await vi.waitFor(() => expect(shown()).toEqual(['bob-1']));
    const path = fileURLToPath(import.meta.url);
    say(`/file ${path}`);
    await vi.waitFor(() => expect(shown()).toContain('alice-9'));
    expect(fake.calls).toContain(`send ${JSON.stringify([{ path }])}`);
    expect(activeChannel(chat.state)?.unconfirmed).toEqual([]);
    say('/files');
    await vi.waitFor(() => expect(chat.state.panel?.lines[0]?.text).toContain('Nothing is attached'));
    chat.quit();
    await running;
  });

  it('gives up a file that is being fetched, and is asked for another one', async () => {
    const file = { index: 0, name: 'a.txt', type: 'text/plain', size: 9, sha256: 'x', state: 'offered' as const, root: 'r', show: false };
    const fake = fakeNode([message(1, { attachments: [file] })]);
    const { chat, running, shown, say } = chatWith(fake);
    await vi.waitFor(() => expect(shown()).toEqual(['bob-1']));
    for (const count of [1, 2]) {
      say(`/save ${tmpdir()}/`);
      await vi.waitFor(() => expect(fake.calls.filter((call) => call.startsWith('fetch '))).toHaveLength(count));
      say('/cancel');
      await vi.waitFor(() => expect(chat.state.notice?.text).toBe('a.txt: given up'));
      expect(fake.calls.at(-1)).toBe('remove r');
      await vi.waitFor(() => expect(chat.state.saving.size).toBe(0));
      chat.press({ key: 'escape' });
    }
    chat.quit();
    await running;
  });

  it('keeps what is muted, and says when it cannot', async () => {
    const kept: (readonly string[])[] = [];
    const { chat, running, shown, say } = chatWith(fakeNode(), async (muted) => {
      kept.push(muted);
      if (muted.length === 0) throw Object.assign(new Error('no space is left'), { code: 'ENOSPC' });
    });
    await vi.waitFor(() => expect(shown()).toEqual(['bob-1']));
    say('/mute');
    await vi.waitFor(() => expect(kept).toEqual([['id-lobby']]));
    say('/mute');
    await vi.waitFor(() => expect(chat.state.notice).toMatchObject({ tone: 'error', text: 'no space is left' }));
    chat.quit();
    await running;
  });

  it('tells those who look at it, until it ends', async () => {
    const fake = fakeNode();
    const { chat, running, shown } = chatWith(fake);
    let told = 0;
    chat.subscribe(() => {
      told++;
    });
    await vi.waitFor(() => expect(shown()).toEqual(['bob-1']));
    await vi.waitFor(() => expect(told).toBeGreaterThan(0));
    chat.quit();
    await running;
    const before = told;
    chat.press({ key: 'text', text: 'x' });
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toBe(before);
  });

  it('ends by Ctrl-D', async () => {
    const { chat, running } = chatWith(fakeNode());
    chat.press({ key: 'end-of-input' });
    await running;
    expect(chat.state.connection.kind).toBe('connecting');
  });
});
