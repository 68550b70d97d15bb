import { Turns } from '@parley/core';
import { channelOf, titleOf } from '../channel-of.ts';
import { EXIT } from '../exit-codes.ts';
import { Failure, failureOf } from '../failure.ts';
import type { Io } from '../io.ts';
import { wantsColour } from '../text/style.ts';
import { Chat } from './chat.ts';
import { keepMuted, readMuted } from './kept.ts';
import { initialState } from './state.ts';
import { Terminal } from './terminal.ts';

const FRAME_MS = 30;
const FIRST_NOTICE_MS = 30_000;

export interface ChatOptions {
  /** Name or id of the channel to open first. */
  readonly channel?: string | undefined;
  /** Said in the status line at first. */
  readonly notice?: string | undefined;
}

/** Opens the terminal chat of the node on a data directory, and stays until its user ends it. */
export async function runChat(io: Io, data: string, options: ChatOptions = {}): Promise<number> {
  if (io.stdin.isTTY !== true || io.stdout.isTTY !== true) {
    throw new Failure('usage', 'chat needs a terminal; programs use: send, and read --follow --json');
  }
  // React's development build is several times slower, and React takes it where nothing is said.
  process.env.NODE_ENV ??= 'production';
  const [{ ApiClient }, { drawChat }] = await Promise.all([import('@parley/host/client'), import('./draw.tsx')]);
  const node = new ApiClient(data);
  // Without a node there is nothing to wait for; once one was there, its restarts are waited for.
  await node.status();
  const channel = options.channel === undefined ? undefined : await channelOf(node, options.channel);
  const wanted = channel && (channel.joined || channel.ended ? channel.id : titleOf(channel));
  const muted = await readMuted(data).catch((error: unknown) => failureOf(error) ?? Promise.reject(error));
  const terminal = new Terminal(io);
  const { columns, rows } = terminal.size;
  const colours = wantsColour(true, io.env);
  const initial = initialState({ columns, rows, colours, now: Date.now(), wanted, ...(muted instanceof Failure ? {} : { muted }) });
  const turns = new Turns();
  const leaving = new AbortController();
  const chat = new Chat(
    {
      node,
      files: new ApiClient(data, leaving.signal),
      now: Date.now,
      redraw: () => terminal.redraw(),
      frameMs: FRAME_MS,
      keepMuted: (ids) => turns.take(() => keepMuted(data, ids)),
    },
    initial,
  );
  return await terminal.with(async () => {
    if (options.notice !== undefined) chat.dispatch({ type: 'notice', text: options.notice, tone: 'info', forMs: FIRST_NOTICE_MS });
    if (muted instanceof Failure) chat.dispatch({ type: 'notice', text: muted.message, tone: 'error', forMs: FIRST_NOTICE_MS });
    const end = drawChat(chat, terminal);
    terminal.on({
      key: (key) => chat.press(key),
      resized: (size) => chat.dispatch({ type: 'resized', ...size }),
      hangup: () => chat.quit(),
    });
    try {
      await chat.run();
    } finally {
      end();
      // The node goes on with a file that it was asked to send; only nobody waits for it here.
      leaving.abort();
    }
    return EXIT.ok;
  });
}
