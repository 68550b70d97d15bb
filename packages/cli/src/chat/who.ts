import { titleOf } from '../channel-of.ts';
import { isAway, presenceWords } from '../text/presence.ts';
import { isHere, membersOf } from './side-rows.ts';
import type { ChannelState, ChatState, PanelLine } from './state.ts';

/** Shows who is in a channel, or what is known of it by now where it is shown already. */
export function withWho(state: ChatState, channelId: string): ChatState {
  const channel = state.channels.find(({ view }) => view.id === channelId);
  if (!channel) return state;
  const top = state.panel?.membersOf === channelId ? state.panel.top : 0;
  const panel = { title: `In ${titleOf(channel.view)}`, lines: whoLines(state, channel), top, membersOf: channelId };
  return { ...state, panel };
}

/** Who is in a channel, a line each: of a closed one also what they may do there, where that is more or less than writing. */
function whoLines(state: ChatState, channel: ChannelState): PanelLine[] {
  return membersOf(state, channel).map((person): PanelLine => {
    const { role, invited, devices } = person;
    const here = isHere(state, person);
    const own = person.node_id === state.self?.nodeId ? ' (you)' : '';
    const about = [
      ...(role === undefined || role === 'member' ? [] : [role]),
      ...(invited ? ['invited'] : []),
      presenceWords(person, state.now) || (here ? 'here' : 'away'),
      ...(devices > 1 ? [`${devices} devices`] : []),
    ].join(', ');
    return {
      text: `${isAway(person) ? '◐' : here ? '●' : '○'} ${person.display}${own}  ${about}  ${person.key ?? person.node_id}`,
      ...(here ? {} : { tone: 'faint' as const }),
      hang: 2,
    };
  });
}
