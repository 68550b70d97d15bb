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

/** Whether the user may say anything in a channel: not who only reads there, nor who is in it no more. */
function maySpeak(channel: ChannelView | undefined): boolean {
  return channel?.joined !== false && channel?.role !== 'observer';
}

/** Whether anything can be done to a message still: not to a deleted one, nor where the conversation went on under another key. */
export function mayActOn(channel: ChannelView | undefined, { deleted, earlier }: Said): boolean {
  return maySpeak(channel) && deleted === undefined && earlier !== 'conversation';
}

/** What an earlier key of the user has said, their present one cannot change. */
export function mayEdit(channel: ChannelView | undefined, message: Said): boolean {
  return mayActOn(channel, message) && message.own && message.earlier === undefined;
}
