import { isAway, presenceWords } from '../text/presence.ts';
import { isHere, membersOf } from './side-rows.ts';
import type { ChannelState, ChatState, PanelLine } from './state.ts';

/** Who is in a channel, a line each: of a closed one also what they may do there, where that is more or less than writing. */
export function whoLines(state: ChatState, channel: ChannelState): PanelLine[] {
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
