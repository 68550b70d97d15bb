import type { Done } from './run-command.ts';
import { say } from './say.ts';
import { activeChannel, type ChatState, type Effect, type Unconfirmed, withChannel } from './state.ts';

const NOTHING = 'nothing that you wrote here failed to be sent';

const refusedHere = (state: ChatState): readonly Unconfirmed[] =>
  (activeChannel(state)?.unconfirmed ?? []).filter(({ error }) => error !== undefined);

/** Sends what was refused in the channel on the screen once more, in the order in which it was written. */
export function retry(state: ChatState): Done {
  const refused = refusedHere(state);
  if (refused.length === 0) return NOTHING;
  const effects: Effect[] = [];
  let next = state;
  for (const { text, replyTo, file } of refused) {
    const said = say(next, text, { ...(replyTo && { replyTo }), ...(file && { file: { path: file.path } }) });
    if (typeof said === 'string') return said;
    next = said.state;
    effects.push(...said.effects);
  }
  return { state: next, effects };
}

/** Takes away what was refused in the channel on the screen. */
export function dismiss(state: ChatState): Done {
  const refused = refusedHere(state);
  if (refused.length === 0 || state.active === undefined) return NOTHING;
  const next = withChannel(state, state.active, (channel) => ({
    ...channel,
    unconfirmed: channel.unconfirmed.filter((entry) => !refused.includes(entry)),
  }));
  return { state: next, effects: [] };
}
