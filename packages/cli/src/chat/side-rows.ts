import type { Person } from '@parley/host';
import { safeText } from '../text/safe-text.ts';
import { colourOf } from '../text/style.ts';
import { textWidth, truncate } from '../text/width.ts';
import { fitted, nameSpans, type Row, type Span } from './rows.ts';
import type { ChannelState, ChatState } from './state.ts';

/** Members of a channel as they are known now: the user first, then those who are here, then those who are away, by name. */
export function membersOf(state: ChatState, channel: ChannelState): Person[] {
  const self = state.self?.nodeId;
  const people = channel.members.flatMap((nodeId) => state.people.get(nodeId) ?? []);
  const rank = (person: Person): number => (person.node_id === self ? 0 : person.present ? 1 : 2);
  return people.sort((a, b) => rank(a) - rank(b) || a.display.localeCompare(b.display) || (a.node_id < b.node_id ? -1 : 1));
}

export function isHere(state: ChatState, person: Person): boolean {
  return person.present || person.node_id === state.self?.nodeId;
}

function channelRow(channel: ChannelState, active: boolean, width: number): Row {
  const count = channel.unread === 0 ? '' : channel.unread > 999 ? '999+' : String(channel.unread);
  const look: Omit<Span, 'text'> = active ? { bold: true, bar: true } : channel.unread > 0 ? { bold: true } : {};
  const name = truncate(`#${safeText(channel.view.name)}`, width - 2 - (count === '' ? 0 : count.length + 1));
  const space = ' '.repeat(Math.max(0, width - 2 - textWidth(name) - count.length));
  const unread: Span = { text: `${count} `, bold: true, colour: channel.mentioned ? 'magenta' : 'cyan' };
  return [{ ...look, text: ` ${name}${space}` }, active ? { ...look, text: `${count} ` } : unread];
}

function personRow(state: ChatState, person: Person, width: number): Row {
  const here = isHere(state, person);
  const own = person.node_id === state.self?.nodeId;
  const mark: Span = here ? { text: ' ● ', colour: 'green' } : { text: ' ○ ', dim: true };
  const look: Omit<Span, 'text'> = here ? { colour: colourOf(person.node_id), bold: own } : { dim: true };
  return fitted([mark, ...nameSpans(safeText(person.display), width - 4, look).spans], width);
}

/** Rows of a list, with a last one that says how many did not fit. */
function listed(rows: readonly Row[], height: number, width: number): Row[] {
  if (rows.length <= height) return [...rows];
  if (height <= 0) return [];
  return [...rows.slice(0, height - 1), fitted([{ text: `   +${rows.length - height + 1} more`, dim: true }], width)];
}

/** The channels around the one on the screen, when there are more than fit. */
function channelRows(state: ChatState, height: number, width: number): Row[] {
  const index = Math.max(
    0,
    state.channels.findIndex(({ view }) => view.id === state.active),
  );
  const first = Math.max(0, Math.min(index - Math.floor(height / 2), state.channels.length - height));
  return state.channels.slice(first, first + height).map((channel) => channelRow(channel, channel.view.id === state.active, width));
}

/** The column at the left: channels, and below them who is in the one on the screen. Exactly `height` rows of `width` cells. */
export function sideRows(
  state: ChatState,
  active: ChannelState | undefined,
  size: { width: number; height: number; people: boolean },
): Row[] {
  const { width, height } = size;
  const title = (text: string): Row => fitted([{ text: ` ${text}`, dim: true }], width);
  const empty: Row = [{ text: ' '.repeat(width) }];
  const people = size.people && active ? membersOf(state, active) : [];
  // Who is here gets what the channels leave, and at least a third.
  const forPeople =
    people.length === 0 ? 0 : Math.min(people.length + 2, Math.max(Math.floor(height / 3), height - state.channels.length - 1));
  const rows: Row[] = [title('CHANNELS'), ...channelRows(state, Math.max(0, height - 1 - forPeople), width)];
  if (state.channels.length === 0) rows.push(title('none joined'));
  if (forPeople > 2) {
    const here = people.filter((person) => isHere(state, person)).length;
    rows.push(empty, title(`HERE ${here} of ${people.length}`));
    const lines = people.map((person) => personRow(state, person, width));
    rows.push(...listed(lines, height - rows.length, width));
  }
  while (rows.length < height) rows.push(empty);
  return rows.slice(0, height).map((row) => fitted(row, width));
}
