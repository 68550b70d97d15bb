import type { ApiEvent, ChannelView, MessageView } from '@parley/host';
import { Failure } from '../failure.ts';
import { Chat, type ChatDeps } from './chat.ts';
import { channelView, contactView, invitationView, message, NOON, person } from './fixtures.ts';
import type { ChatNode } from './perform.ts';
import type { Files } from './perform-files.ts';
import { activeChannel, initialState } from './state.ts';

/** A node whose answers the test gives, and that can go away. */
export function fakeNode(messages: readonly MessageView[] = [message(1)]) {
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
    contacts: {
      list: () => guard('contacts', () => [contactView('carol')]),
      accept: (who) =>
        guard(`accept ${who}`, () => {
          channels = [...channels, { ...channelView('carol'), kind: 'direct' }];
          return contactView('carol', { state: 'accepted', channel_id: 'id-carol' });
        }),
      decline: (who) => guard(`decline ${who}`, () => undefined),
    },
    closed: {
      invitations: () => guard('invitations', () => ['hideout', 'cave'].map((name) => invitationView(name))),
      accept: (id) =>
        guard(`accept ${id}`, () => {
          if (id === 'id-cave') throw new Failure('timeout', 'no member has given the key yet');
          channels = [...channels, channelView('hideout')];
          return channelView('hideout');
        }),
      decline: (id) => guard(`decline ${id}`, () => undefined),
    },
    members: () => guard('members', () => [person('alice'), person('bob')]),
    messages: (_, page) => guard(`messages ${page?.before ?? ''}`, () => [...messages]),
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
    fetchAttachment: (_, msgId, index) => guard(`fetch ${msgId} ${index}`, () => undefined),
    removeFile: (root) => guard(`remove ${root}`, () => undefined),
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

/** A chat on such a node. */
export function chatWith(fake: ReturnType<typeof fakeNode>, keepMuted: ChatDeps['keepMuted'] = async () => {}) {
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
