import { whyNotWrite } from './may-write.ts';
import { activeChannel, type ChatState, draftOf, type Effect } from './state.ts';

/** So often at most the node is told that a key was pressed; it decides itself what others are told. */
const TYPING_MS = 1000;
const HERE_MS = 60_000;

/** What follows for others from keys that are pressed: that the user is there, and that they are writing. */
export class Pulse {
  #here = Number.NEGATIVE_INFINITY;
  #typing: { readonly channelId: string; readonly at: number } | undefined;

  /** A key was pressed. `state`: what came of it. */
  pressed(state: ChatState, effects: readonly Effect[]): Effect[] {
    if (state.connection.kind !== 'online') return [];
    const found: Effect[] = [];
    if (state.now - this.#here >= HERE_MS) {
      this.#here = state.now;
      found.push({ do: 'here' });
    }
    const before = this.#typing;
    const channelId = writingIn(state);
    if (channelId !== undefined) {
      if (before?.channelId === channelId && state.now - before.at < TYPING_MS) return found;
      this.#typing = { channelId, at: state.now };
      found.push({ do: 'typing', channelId, typing: true });
    } else if (before) {
      this.#typing = undefined;
      // What was sent says that it is over.
      if (!effects.some((effect) => effect.do === 'send')) found.push({ do: 'typing', channelId: before.channelId, typing: false });
    }
    return found;
  }
}

/** The channel in which a message is being written: a reply, or what is no command; and not in public. */
function writingIn(state: ChatState): string | undefined {
  const { text } = draftOf(state);
  const channel = activeChannel(state);
  if (!channel || whyNotWrite(state, channel) !== undefined) return undefined;
  const { id, kind = 'public' } = channel.view;
  const isMessage = text.trim() !== '' && (!text.startsWith('/') || text.startsWith('//') || /^\/reply\s+\S/.test(text));
  return isMessage && kind !== 'public' ? id : undefined;
}
