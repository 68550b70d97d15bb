import type { ChannelView, MessageView } from '@parley/core';
import { inert } from '../chat/plain.ts';
import type { NotifyLevel, Settings } from './settings.ts';

/** Longest text that a notification or a screen reader is given. */
const MAX_SPOKEN = 200;

/** What a message says, where there is room for little and only for text. */
export const spoken = ({ text }: MessageView): string => inert(text.slice(0, MAX_SPOKEN));

/** What a notification of a message says. The system may keep it: what is to disappear does not stand in it. */
export function noticeOf(message: MessageView, { notifyText }: Settings): { readonly title: string; readonly body: string } {
  const { sender, channel, channel_kind, expires } = message;
  if (!notifyText) return { title: 'Parley', body: 'A new message' };
  const title = channel_kind === 'direct' ? channel : `${sender.display} in #${channel}`;
  return { title: inert(title), body: expires === undefined ? spoken(message) : 'A message that disappears' };
}

/** What is written to one alone needs no name in it. */
export function notifyLevel(settings: Settings, channelId: string, kind?: ChannelView['kind']): NotifyLevel {
  const otherwise = kind === 'direct' && settings.notifyDefault === 'mentions' ? 'all' : settings.notifyDefault;
  return settings.notifyChannel[channelId] ?? otherwise;
}

/** Whether a text names somebody: their name as a word of its own, with or without `@`. */
export function mentions(text: string, name: string): boolean {
  if (name === '') return false;
  const wanted = name.toLocaleLowerCase();
  const where = text.toLocaleLowerCase();
  for (let at = where.indexOf(wanted); at !== -1; at = where.indexOf(wanted, at + 1)) {
    if (!isWordCharacter(where[at - 1]) && !isWordCharacter(where[at + wanted.length])) return true;
  }
  return false;
}

function isWordCharacter(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}_]/u.test(character);
}

/** Whether a message is worth a notification. `hidden`: the user does not look at the page. */
export function deservesNotice(message: MessageView, settings: Settings, ownName: string, hidden: boolean): boolean {
  if (!hidden || !settings.notifications || message.own) return false;
  const level = notifyLevel(settings, message.channel_id, message.channel_kind);
  return level === 'all' || (level === 'mentions' && mentions(message.text, ownName));
}
