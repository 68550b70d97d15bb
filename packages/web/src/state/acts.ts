import type { MessageView } from '@parley/core';
import { attempt, type Context } from './context.ts';
import { applyEvent } from './events.ts';

/** What the page does to a message, and shows at once when it is on disk. */
async function act(
  context: Context,
  message: MessageView,
  kind: Parameters<Context['parley']['node']['act']>[1],
  text?: string,
): Promise<boolean> {
  const changed = await attempt(context, () => context.parley.node.act(message.channel_id, kind, message.cursor, text));
  if (changed) context.store.update((state) => applyEvent(state, { event: 'changed', message: changed }));
  return changed !== undefined;
}

/** Reacts, or takes the same reaction back. */
export function react(context: Context, message: MessageView, emoji: string): Promise<boolean> {
  const own = message.reactions?.some((reaction) => reaction.emoji === emoji && reaction.own) ?? false;
  context.keep.noteEmoji(emoji);
  return act(context, message, own ? 'unreact' : 'react', emoji);
}

export function edit(context: Context, message: MessageView, text: string): Promise<boolean> {
  return act(context, message, 'edit', text);
}

export function remove(context: Context, message: MessageView): Promise<boolean> {
  return act(context, message, 'delete');
}

export function pin(context: Context, message: MessageView): Promise<boolean> {
  return act(context, message, message.pinned ? 'unpin' : 'pin');
}

/** The message that is being edited in a channel; undefined ends that. */
export function startEditing({ store }: Context, channelId: string, message: MessageView | undefined): void {
  store.update((state) => {
    if (state.edits[channelId]?.cursor === message?.cursor) return state;
    const { [channelId]: _, ...edits } = state.edits;
    return { ...state, edits: message ? { ...edits, [channelId]: { ...message } } : edits };
  });
}
