import { titleOf } from '../channel-of.ts';
import { safeText } from '../text/safe-text.ts';
import { openRequests } from './requests.ts';
import { nameSpans, type Row, type Span, spread } from './rows.ts';
import { isHere, membersOf } from './side-rows.ts';
import { activeChannel, type ChatState } from './state.ts';
import { typingWords } from './typing.ts';

const bar = (text: string, look: Omit<Span, 'text' | 'bar'> = {}): Span => ({ ...look, text, bar: true });

function connectionSpans(state: ChatState): Span[] {
  const { connection, links } = state;
  if (connection.kind === 'connecting') return [bar('○ connecting to the node …', { colour: 'yellow' })];
  if (connection.kind === 'offline') return [bar('○ the node does not run: waiting for it', { colour: 'red', bold: true })];
  if (links === 0) return [bar('● ', { colour: 'yellow' }), bar('no links: messages wait here')];
  return [bar('● ', { colour: 'green' }), bar(`online, ${links} ${links === 1 ? 'link' : 'links'}`)];
}

/** The bar between messages and input: who one is, whether that is connected, and what there is to say. */
export function statusRow(state: ChatState, width: number, below: number): Row {
  const { notice, self } = state;
  if (notice) {
    const look = notice.tone === 'error' ? { colour: 'red' as const, bold: true } : { bold: true };
    return spread([bar(' '), bar(safeText(notice.text), look)], [], width);
  }
  const name = self
    ? [...nameSpans(safeText(self.display), 24, { bold: true }).spans.map((span) => ({ ...span, bar: true })), bar('  ')]
    : [];
  const asked = openRequests(state).length;
  const requests =
    asked === 0 ? [] : [bar(`  ${asked} ${asked === 1 ? 'request' : 'requests'}: /requests`, { bold: true, colour: 'magenta' })];
  const left = [bar(' '), ...name, ...connectionSpans(state), ...requests];
  const unread = activeChannel(state)?.unread ?? 0;
  const typing = typingWords(state);
  const newer =
    unread > 0 ? bar(`↓ ${unread} new, Esc shows them `, { bold: true, colour: 'cyan' }) : bar('↓ newer ones below, Esc ', { bold: true });
  const right = state.panel
    ? bar(below > 0 ? 'PageDown for more, Esc closes ' : 'Esc closes ')
    : below > 0
      ? newer
      : typing !== ''
        ? bar(`${typing} `, { dim: true })
        : bar('/help ', { dim: true });
  return spread(left, [right], width);
}

/** Above the messages: which channel this is, and who is in it. */
export function headerRow(state: ChatState, width: number): Row {
  if (state.panel) return spread([{ text: safeText(state.panel.title), bold: true }], [], width);
  const channel = activeChannel(state);
  if (!channel) return spread([{ text: 'Parley', bold: true }], [], width);
  const members = membersOf(state, channel);
  const here = members.filter((person) => isHere(state, person)).length;
  const about = [
    ...(state.muted.has(channel.view.id) ? ['muted'] : []),
    ...(members.length === 0 ? [] : [`${here} here of ${members.length}`]),
  ].join(', ');
  return spread([{ text: safeText(titleOf(channel.view)), bold: true }], [{ text: about, dim: true }], width);
}
