import { membersTogether } from '@parley/core';
import type { MemberView, Person } from '@parley/host';
import { titleOf } from '../channel-of.ts';
import { isAway } from '../text/presence.ts';
import { safeText } from '../text/safe-text.ts';
import { colourOf } from '../text/style.ts';
import { textWidth, truncate } from '../text/width.ts';
import { fitted, nameSpans, type Row, type Span } from './rows.ts';
import type { ChannelState, ChatState } from './state.ts';

const order = new Intl.Collator();
const sorted = new WeakMap<
  readonly string[],
  { readonly people: ChatState['people']; readonly self: string | undefined; readonly result: readonly Member[] }
>();

/** Somebody in a channel. */
export interface Member extends MemberView {
  /** With how many devices. */
  readonly devices: number;
}

/**
 * Members of a channel as they are known now, each once: the user first, as this node, then those who are here, then those who are away, by name. Sorted
 * anew only when one of them changed: a channel may have thousands, and the screen is drawn at every key.
 */
export function membersOf({ people, self }: ChatState, { members, roles }: ChannelState): readonly Member[] {
  const before = sorted.get(members);
  if (before && before.people === people && before.self === self?.nodeId) return before.result;
  const rank = (person: Person): number => (person.node_id === self?.nodeId ? 0 : person.present ? 1 : 2);
  const known = members.flatMap((nodeId): MemberView[] => {
    const person = people.get(nodeId);
    return person ? [{ ...person, ...roles.get(nodeId) }] : [];
  });
  const result = membersTogether(known)
    .map(({ shown, nodes }): Member => ({ ...(nodes.find(({ node_id }) => node_id === self?.nodeId) ?? shown), devices: nodes.length }))
    .sort((a, b) => rank(a) - rank(b) || order.compare(a.display, b.display) || (a.node_id < b.node_id ? -1 : 1));
  sorted.set(members, { people, self: self?.nodeId, result });
  return result;
}

/** Before the name of a channel or conversation in which nothing new stands out. */
export const MUTED_SIGN = '⊘';

export function isHere(state: ChatState, person: Person): boolean {
  return person.present || person.node_id === state.self?.nodeId;
}

function channelRow(channel: ChannelState, { active, muted }: { active: boolean; muted: boolean }, width: number): Row {
  const count = channel.unread === 0 ? '' : channel.unread > 999 ? '999+' : String(channel.unread);
  const waiting: Omit<Span, 'text'> = muted || !channel.view.joined ? { dim: true } : channel.unread > 0 ? { bold: true } : {};
  const look: Omit<Span, 'text'> = active ? { bold: true, bar: true } : waiting;
  const name = truncate(safeText(titleOf(channel.view)), width - 2 - (count === '' ? 0 : count.length + 1));
  const space = ' '.repeat(Math.max(0, width - 2 - textWidth(name) - count.length));
  const unread: Span = { text: `${count} `, ...(muted ? look : { bold: true, colour: channel.mentioned ? 'magenta' : 'cyan' }) };
  return [{ ...look, text: `${muted ? MUTED_SIGN : ' '}${name}${space}` }, active ? { ...look, text: `${count} ` } : unread];
}

function personRow(state: ChatState, person: Person, width: number): Row {
  const here = isHere(state, person);
  const own = person.node_id === state.self?.nodeId;
  const there: Span = isAway(person) ? { text: ' ◐ ', colour: 'yellow' } : { text: ' ● ', colour: 'green' };
  const mark: Span = here ? there : { text: ' ○ ', dim: true };
  const look: Omit<Span, 'text'> = here ? { colour: colourOf(person.node_id), bold: own } : { dim: true };
  return fitted([mark, ...nameSpans(safeText(person.display), width - 4, look).spans], width);
}

/** Rows of people, with a last one that says how many did not fit. */
function peopleRows(state: ChatState, people: readonly Person[], height: number, width: number): Row[] {
  if (height <= 0) return [];
  const shown = people.length <= height ? people : people.slice(0, height - 1);
  const rows = shown.map((person) => personRow(state, person, width));
  if (shown.length < people.length) rows.push(fitted([{ text: `   +${people.length - shown.length} more`, dim: true }], width));
  return rows;
}

/** The channels around the one on the screen, when there are more than fit. */
function channelRows(state: ChatState, height: number, width: number): Row[] {
  const index = Math.max(
    0,
    state.channels.findIndex(({ view }) => view.id === state.active),
  );
  const first = Math.max(0, Math.min(index - Math.floor(height / 2), state.channels.length - height));
  return state.channels.slice(first, first + height).map((channel) => {
    const { id } = channel.view;
    return channelRow(channel, { active: id === state.active, muted: state.muted.has(id) }, width);
  });
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
    rows.push(...peopleRows(state, people, height - rows.length, width));
  }
  while (rows.length < height) rows.push(empty);
  return rows.slice(0, height).map((row) => fitted(row, width));
}
