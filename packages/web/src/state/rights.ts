import type { ChannelView, MessageView } from '@parley/core';

type Self = { readonly key: string } | undefined;

/** Whether this user may delete what others wrote in a channel. The node decides; this only spares a button that would be refused. */
export function mayModerate(channel: ChannelView | undefined, self: Self): boolean {
  if (channel?.kind === 'closed') return channel.role === 'owner' || channel.role === 'moderator';
  return channel?.owner !== undefined && channel.owner === self?.key;
}

/** Where nobody owns a channel, everybody may pin. */
export function mayPin(channel: ChannelView | undefined, self: Self): boolean {
  return channel?.joined === true && (channel.owner === undefined || mayModerate(channel, self));
}

type Said = Pick<MessageView, 'deleted' | 'earlier' | 'own'>;

/** Whether anything can be done to a message still: not to a deleted one, nor where the conversation went on under another key. */
export function mayActOn({ deleted, earlier }: Said): boolean {
  return deleted === undefined && earlier !== 'conversation';
}

/** What an earlier key of the user has said, their present one cannot change. */
export function mayEdit(message: Said): boolean {
  return mayActOn(message) && message.own && message.earlier === undefined;
}
