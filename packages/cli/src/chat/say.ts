import { MAX_TEXT_BYTES, sizeText } from '@parley/core';
import { whyNotWrite } from './may-write.ts';
import { activeChannel, type ChatState, type Unconfirmed, withChannel } from './state.ts';
import type { Update } from './update.ts';

/** To the latest messages of the channel on the screen. */
export function toEnd(state: ChatState): ChatState {
  const channel = activeChannel(state);
  if (!channel) return state;
  return withChannel({ ...state, panel: undefined }, channel.view.id, (known) => ({
    ...known,
    anchor: undefined,
    unread: 0,
    mentioned: false,
  }));
}

/** Says something in the channel on the screen, or why that is not possible now. */
export function say(state: ChatState, text: string, { replyTo, file }: Pick<Unconfirmed, 'replyTo' | 'file'> = {}): Update | string {
  const channel = activeChannel(state);
  if (!channel) return 'join a channel first: /channels lists them, /create NAME makes one';
  if (state.connection.kind !== 'online') return 'the node is not running: your text is kept here';
  const why = whyNotWrite(state, channel);
  if (why !== undefined) return why;
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_TEXT_BYTES)
    return `too long by ${sizeText(bytes - MAX_TEXT_BYTES)}: a message holds at most ${sizeText(MAX_TEXT_BYTES)}; send it in parts, or as a file`;
  const localId = state.nextLocalId;
  const entry: Unconfirmed = { localId, text, time: state.now, ...(replyTo && { replyTo }), ...(file && { file }) };
  const next = withChannel(toEnd({ ...state, nextLocalId: localId + 1 }), channel.view.id, (known) => ({
    ...known,
    readUpTo: undefined,
    unconfirmed: [...known.unconfirmed.filter((other) => !isAgain(other, entry)), entry],
  }));
  const about = { ...(replyTo && { replyTo: replyTo.msg_id }), ...(file && { path: file.path }) };
  return { state: next, effects: [{ do: 'send', channelId: channel.view.id, localId, text, ...about }] };
}

/** What was refused stays on the screen until the same is said again. */
function isAgain({ error, text, file }: Unconfirmed, entry: Unconfirmed): boolean {
  return error !== undefined && text === entry.text && file?.path === entry.file?.path;
}
