import { endedWords } from '../format/channels.ts';
import { safeText } from '../text/safe-text.ts';
import type { ChannelState, ChatState } from './state.ts';

/** Why nothing can be written in a channel or conversation, in words that are safe to print; undefined where it can. */
export function whyNotWrite({ contacts }: ChatState, { view }: ChannelState): string | undefined {
  if (!view.joined) return `${endedWords(view)}: /leave takes it off the list`;
  if (view.role === 'observer') return 'you observe this channel: you read here, and do not write';
  const blocked = view.kind === 'direct' ? contacts.find((contact) => contact.blocked && contact.channel_id === view.id) : undefined;
  return blocked && `${safeText(blocked.display)} is blocked; parley contacts unblock ends that`;
}
