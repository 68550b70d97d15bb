import { lifetimeWords, parseLifetime } from '../format/lifetime.ts';
import { activeChannel, type ChatState, withNotice } from './state.ts';
import type { Update } from './update.ts';

/** Says or sets how long messages of the channel on the screen last; undefined for what is no time. */
export function timerOf(state: ChatState, argument: string): Update | undefined {
  const channel = activeChannel(state);
  if (!channel) return undefined;
  const { id, kind = 'public', timer } = channel.view;
  if (kind === 'public') {
    const notice = 'in a public channel nothing disappears: anybody may have a copy';
    return { state: withNotice(state, notice, argument === '' ? 'info' : 'error'), effects: [] };
  }
  if (argument === '') return { state: withNotice(state, timerWords(timer)), effects: [] };
  const seconds = parseLifetime(argument.toLowerCase());
  return seconds === undefined ? undefined : { state, effects: [{ do: 'timer', channelId: id, seconds }] };
}

/** How the timer of a channel stands. */
export function timerWords(timer: { readonly seconds: number; readonly by: { readonly display: string } } | undefined): string {
  if (!timer || timer.seconds === 0) return 'messages stay';
  return `messages disappear after ${lifetimeWords(timer.seconds)}, as ${timer.by.display} said; whoever reads them can keep a copy`;
}
