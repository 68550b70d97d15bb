import type { Person } from '@parley/host';
import { safeText } from '../text/safe-text.ts';
import { activeChannel, type ChatState } from './state.ts';

/** Names that are given; of more their number. */
const MOST_NAMES = 2;

/** Who is writing in the channel on the screen, in words; nothing where nobody is. */
export function typingWords(state: ChatState): string {
  const people = activeChannel(state)?.typing ?? [];
  if (people.length === 0) return '';
  const nameOf = (person: Person): string => safeText(state.people.get(person.node_id)?.display ?? person.display);
  if (people.length > MOST_NAMES) return `${people.length} people are typing …`;
  return `${people.map(nameOf).join(' and ')} ${people.length === 1 ? 'is' : 'are'} typing …`;
}

/** What others do is not known while the node is away. */
export const quiet = ({ channels }: ChatState): Pick<ChatState, 'channels'> => ({
  channels: channels.map((channel) => (channel.typing.length > 0 ? { ...channel, typing: [] } : channel)),
});
