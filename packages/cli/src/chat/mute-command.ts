import { titleOf } from '../channel-of.ts';
import type { Done } from './run-command.ts';
import { type ChannelState, type ChatState, withNotice } from './state.ts';

/** Mutes a channel or conversation, or mutes it no more: what is new there is counted, but calls for nobody's attention. */
export function mute(state: ChatState, { view: { id, ...channel } }: ChannelState): Done {
  const on = !state.muted.has(id);
  const known = new Set(state.known.map((one) => one.id));
  // Of what is known here no more, nothing has to be remembered.
  const muted = [...state.muted].filter((each) => each !== id && known.has(each));
  if (on) muted.push(id);
  const words = on ? 'is muted, here in the chat: /mute again ends it' : 'is muted no more';
  return {
    state: withNotice({ ...state, muted: new Set(muted) }, `${titleOf(channel)} ${words}`),
    effects: [{ do: 'keep-muted', muted }],
  };
}
