import { resolve } from 'node:path';
import type { ApiEvent, ChannelView, MessageView } from '@parley/host';
import { describe, expect, it, vi } from 'vitest';
import { Failure } from '../failure.ts';
import { Chat, type ChatDeps } from './chat.ts';
import { channelView, message, NOON, person } from './fixtures.ts';
import type { ChatNode } from './perform.ts';
import type { Files } from './perform-files.ts';
import { readMark } from './read.ts';
import { activeChannel, initialState } from './state.ts';

/** A node whose answers the test gives, and that can go away. */
function fakeNode() {
  const feeds: { push(event: ApiEvent): void; fail(error: Error): void }[] = [];
  const calls: string[] = [];
  let channels: ChannelView[] = [channelView('lobby')];
  let up = true;
  const gone = (): Failure => new Failure('no-node', 'no node is running');
  const guard = async <T>(call: string, answer: () => T): Promise<T> => {
    calls.push(call);
    if (!up) throw gone();
    return answer();
  };
  const node: ChatNode = {
    status: () =>
      guard('status', () => ({
        node_id: 'alice-id',
        key: 'key_alice',
        name: 'alice',
        node_type: 'client',
        version: 'parley/0.1.0',
        uptime_s: 1,
        connect: [],
        links: [],
        reachable_nodes: 0,
        channels: 1,
        stored_messages: 0,
        store_bytes: 0,
        file_bytes: 0,
      })),
    channels: () => guard('channels', () => channels),
    create: (name) =>
      guard(`create ${name}`, () => {
        channels = [...channels, channelView(name)];
        return channelView(name);
      }),
    join: (name) => guard(`join ${name}`, () => channelView(name)),
    leave: (id) =>
      guard(`leave ${id}`, () => {
        channels = channels.filter((channel) => channel.id !== id);
      }),
    changes: () => guard('changes', () => []),
    members: () => guard('members', () => [person('alice'), person('bob')]),
    messages: (_, page) => guard(`messages ${page?.before ?? ''}`, () => [message(1)]),
    send: (channel, text, { reply_to = '' } = {}) =>
      guard(
        `send ${text}${reply_to && ` to ${reply_to}`}`,
        (): MessageView => message(text.length, { from: 'alice', text, channel_id: channel }),
      ),
    act: (channel, { kind, msg_id }) => guard(`${kind} ${msg_id}`, (): MessageView => message(1, { channel_id: channel, msg_id })),
    setTimer: (id, seconds) =>
      guard(`timer ${id} ${seconds}`, () => {
        const timer = { seconds, by: person('alice'), time: '2025-03-04T12:00:00.000Z' };
        channels = channels.map((channel) => (channel.id === id ? { ...channel, timer } : channel));
        return { ...channelView('lobby'), timer };
      }),
    typing: (channel, on) => guard(`typing ${channel} ${on}`, () => undefined),
    here: () => guard('here', () => undefined),
    markRead: (channel, cursor) => guard(`read ${channel} ${cursor}`, () => undefined),
    search: (words) => guard(`search ${words}`, () => [message(1)]),
    events(signal) {
      const waiting: ApiEvent[] = [];
      let wake = (): void => {};
      let error: Error | undefined = up ? undefined : gone();
      feeds.push({
        push(event) {
          waiting.push(event);
          wake();
        },
        fail(reason) {
          error = reason;
          wake();
        },
      });
      signal.addEventListener('abort', () => wake());
      async function* iterate() {
        for (;;) {
          const event = waiting.shift();
          if (event) yield event;
          else if (error) throw error;
          else if (signal.aborted) return;
          else
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
        }
      }
      const open = error ? Promise.reject(error) : Promise.resolve();
      open.catch(() => {});
      return { open, [Symbol.asyncIterator]: iterate };
    },
  };
  const files: Files['files'] = {
    ...node,
    send: (channel, _, { attachments } = {}) =>
      guard(`send ${JSON.stringify(attachments)}`, (): MessageView => message(9, { from: 'alice', channel_id: channel })),
    attachment: () => Promise.reject(new Failure('not-found', 'nothing is attached')),
    fetchAttachment: () => Promise.reject(new Failure('not-found', 'nothing is attached')),
  };
  return {
    node,
    files,
    calls,
    push: (event: ApiEvent) => feeds.at(-1)?.push(event),
    goAway() {
      up = false;
      feeds.at(-1)?.fail(new Failure('closed', 'the node went away'));
    },
    comeBack() {
      up = true;
    },
  };
}

function chatWith(fake: ReturnType<typeof fakeNode>, keepMuted: ChatDeps['keepMuted'] = async () => {}) {
  const initial = initialState({ columns: 100, rows: 24, colours: false, now: NOON });
  const chat = new Chat({ node: fake.node, files: fake.files, now: () => NOON, redraw: () => {}, frameMs: 0, keepMuted }, initial);
  const running = chat.run();
  const shown = (): string[] => activeChannel(chat.state)?.timeline.map(({ id }) => id) ?? [];
  const say = (line: string): void => {
    chat.press({ key: 'text', text: line });
    chat.press({ key: 'enter' });
  };
  return { chat, running, shown, say };
}

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

  it('sends files, and lists what is attached', async () => {
    const fake = fakeNode();
    const { chat, running, shown, say } = chatWith(fake);
    await vi.waitFor(() => expect(shown()).toEqual(['bob-1']));
    say('/file /tmp/plan.png');
    await vi.waitFor(() => expect(shown()).toContain('alice-9'));
    expect(fake.calls).toContain(`send [{"path":"${resolve('/tmp/plan.png')}"}]`);
    expect(activeChannel(chat.state)?.unconfirmed).toEqual([]);
    say('/files');
    await vi.waitFor(() => expect(chat.state.panel?.lines[0]?.text).toContain('Nothing is attached'));
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
