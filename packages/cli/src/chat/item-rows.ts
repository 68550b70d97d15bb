import type { MessageView, Person } from '@parley/host';
import { attachmentLine } from '../format/attachments.ts';
import { failures } from '../format/delivery.ts';
import { saidRows } from '../format/forwarded.ts';
import { quote } from '../format/messages.ts';
import { safeText } from '../text/safe-text.ts';
import { colourOf } from '../text/style.ts';
import { clockTime, dayName, dayOf } from '../text/time.ts';
import { pad, textWidth, truncate } from '../text/width.ts';
import { wrap } from '../text/wrap.ts';
import { MARK_WIDTH, mark, NO_MARK } from './marks.ts';
import { blank, nameSpans, type Row, type Span } from './rows.ts';
import { type GapItem, type Item, type MessageItem, missing } from './timeline.ts';

/** What the rows of an item depend on besides the item. */
export interface Look {
  readonly width: number;
  readonly people: ReadonlyMap<string, Person>;
  /** The user's name: messages in which it stands are made to stand out. */
  readonly ownName: string | undefined;
  /** The last item that was read before others came. */
  readonly readUpTo: string | undefined;
}

/** From this width on, names stand in a column of their own. */
const COLUMNS_FROM = 56;
const NAME_COLUMN = 16;
/** Messages of one sender that follow each other this closely share one name. */
const GROUP_MS = 5 * 60_000;

export function displayOf(person: Person, people: ReadonlyMap<string, Person>): string {
  return safeText((people.get(person.node_id) ?? person).display);
}

export function mentions(text: string, name: string | undefined): boolean {
  if (name === undefined || name === '') return false;
  const at = text.toLowerCase().indexOf(name.toLowerCase());
  if (at < 0) return false;
  const around = `${text[at - 1] ?? ' '}${text[at + name.length] ?? ' '}`;
  return !/[\p{L}\p{N}]/u.test(around);
}

function rule(label: string, width: number, look: Omit<Span, 'text'>): Row {
  const text = ` ${label} `;
  const room = Math.max(0, width - textWidth(text));
  const left = Math.floor(room / 2);
  return [{ ...look, text: '─'.repeat(left) + text + '─'.repeat(room - left) }];
}

function bodyText({ text, deleted, edited, attachments = [] }: MessageView): string {
  if (deleted) return '(deleted)';
  const said = safeText(text, { lines: true });
  return edited === undefined ? said : `${said}${said === '' && attachments.length > 0 ? '' : ' '}(edited)`;
}

function bodySpans(line: string, item: MessageItem, look: Look): Span {
  if (item.message.deleted) return { text: line, dim: true, italic: true };
  return !item.message.own && mentions(item.message.text, look.ownName) ? { text: line, colour: 'yellow', bold: true } : { text: line };
}

function messageRows(item: MessageItem, grouped: boolean, look: Look): Row[] {
  const { message } = item;
  const text = bodyText(message);
  const { width } = look;
  const markSpan = item.refused !== undefined ? mark({ state: 'failed', recipients: [] }) : message.own ? mark(message.delivery) : NO_MARK;
  const colour = colourOf(message.sender.node_id);
  const name = { colour, bold: message.own };
  const display = displayOf(message.sender, look.people);
  const rows: Row[] = [];
  if (width >= COLUMNS_FROM) {
    const head = 5 + 1 + MARK_WIDTH + 1 + NAME_COLUMN + 2;
    const named = nameSpans(display, NAME_COLUMN, name);
    const time: Span = { text: clockTime(item.time), dim: true };
    const lead: Row = grouped ? [blank(NAME_COLUMN)] : [blank(NAME_COLUMN - named.width), ...named.spans];
    for (const [index, line] of saidRows(text, width - head).entries()) {
      const before: Row = index === 0 ? [time, blank(1), markSpan, blank(1), ...lead, blank(2)] : [blank(head)];
      rows.push([...before, bodySpans(line, item, look)]);
    }
    for (const line of attachmentRows(item, width - head)) rows.push([blank(head), line]);
    for (const line of standingRows(item, width - head)) rows.push([blank(head), line]);
    for (const line of replyRows(item, width - head)) rows.push([blank(head), line]);
    for (const line of failureRows(item, width - head)) rows.push([blank(head), line]);
    return rows;
  }
  if (!grouped) rows.push([...nameSpans(display, width - 7, name).spans, { text: `  ${clockTime(item.time)}`, dim: true }]);
  for (const [index, line] of saidRows(text, width - MARK_WIDTH - 1).entries()) {
    rows.push([index === 0 ? markSpan : blank(MARK_WIDTH), blank(1), bodySpans(line, item, look)]);
  }
  for (const line of attachmentRows(item, width - MARK_WIDTH - 1)) rows.push([blank(MARK_WIDTH + 1), line]);
  for (const line of standingRows(item, width - MARK_WIDTH - 1)) rows.push([blank(MARK_WIDTH + 1), line]);
  for (const line of replyRows(item, width - MARK_WIDTH - 1)) rows.push([blank(MARK_WIDTH + 1), line]);
  for (const line of failureRows(item, width - MARK_WIDTH - 1)) rows.push([blank(MARK_WIDTH + 1), line]);
  return rows;
}

function attachmentRows({ message }: MessageItem, width: number): Span[] {
  return (message.attachments ?? []).flatMap((attached) => wrap(attachmentLine(attached), width)).map((text) => ({ text, dim: true }));
}

/** Who reacted with what, and that it is pinned. */
function standingRows({ message: { reactions = [], pinned } }: MessageItem, width: number): Span[] {
  const all = reactions.map(({ emoji, by }) => `${safeText(emoji)} ${by.map(({ display }) => safeText(display)).join(', ')}`);
  if (pinned) all.push(`pinned by ${safeText(pinned.by.display)}`);
  return all.length === 0 ? [] : [{ text: truncate(all.join('  '), width), dim: true }];
}

function replyRows({ message, answers }: MessageItem, width: number): Span[] {
  if (message.reply_to === undefined) return [];
  return [{ text: truncate(`↳ in reply to ${quote(message.reply_to, answers)}`, width), dim: true }];
}

function failureRows({ message, refused }: MessageItem, width: number): Span[] {
  const lines =
    refused !== undefined
      ? [`not sent: ${safeText(refused)} (/retry sends it again, /dismiss takes it away)`]
      : message.delivery?.state === 'failed'
        ? failures(message.delivery)
        : [];
  return lines.flatMap((line) => wrap(line, width)).map((text) => ({ text, colour: 'red' }));
}

function gapRows(item: GapItem, look: Look): Row[] {
  const count = missing(item);
  const name = look.people.get(item.sender)?.display ?? item.sender.slice(0, 8);
  const text = `${count === 1 ? 'a message' : `${count} messages`} of ${safeText(name)} ${count === 1 ? 'has' : 'have'} not arrived yet`;
  return wrap(`⋯ ${text}`, look.width).map((line) => [{ text: pad('', 2) + line, colour: 'yellow', dim: true }]);
}

function bodyRows(item: Item, grouped: boolean, look: Look): Row[] {
  if (item.kind === 'message') return messageRows(item, grouped, look);
  if (item.kind === 'gap') return gapRows(item, look);
  return wrap(safeText(item.text, { lines: true }), look.width - 2).map((text) => [{ text: `  ${text}`, dim: true, italic: true }]);
}

function isGrouped(item: Item, previous: Item | undefined): boolean {
  if (item.kind !== 'message' || previous?.kind !== 'message') return false;
  return (
    item.message.sender.node_id === previous.message.sender.node_id &&
    item.time - previous.time < GROUP_MS &&
    dayOf(item.time) === dayOf(previous.time)
  );
}

interface Cached {
  readonly width: number;
  readonly grouped: boolean;
  readonly display: string | undefined;
  readonly ownName: string | undefined;
  readonly rows: Row[];
}

/** Items never change: their rows hold as long as what they depend on. */
const cache = new WeakMap<Item, Cached>();

function cachedBody(item: Item, grouped: boolean, look: Look): Row[] {
  const sender = item.kind === 'message' ? item.message.sender.node_id : item.kind === 'gap' ? item.sender : undefined;
  const display = sender === undefined ? undefined : look.people.get(sender)?.display;
  const { width, ownName } = look;
  const known = cache.get(item);
  if (known && known.width === width && known.grouped === grouped && known.display === display && known.ownName === ownName) {
    return known.rows;
  }
  const rows = bodyRows(item, grouped, look);
  cache.set(item, { width, grouped, display, ownName, rows });
  return rows;
}

/** The rows of an item, with what parts it from the one before: the day, or the beginning of what is new. */
export function itemRows(item: Item, previous: Item | undefined, look: Look): Row[] {
  const separators: Row[] = [];
  if (!previous || dayOf(previous.time) !== dayOf(item.time)) separators.push(rule(dayName(item.time), look.width, { dim: true }));
  const news = previous !== undefined && previous.id === look.readUpTo;
  if (news) separators.push(rule('new', look.width, { colour: 'red' }));
  const body = cachedBody(item, !news && isGrouped(item, previous), look);
  return separators.length === 0 ? body : [...separators, ...body];
}
