import { LruMap } from '../util/bounded.ts';
import { safeJson } from '../util/safe-json.ts';
import { sizeText } from '../util/size.ts';
import { type ChangePiece, changeWords } from './change-words.ts';
import type { ChannelView, MessageView } from './types.ts';
import type { ChangeView } from './types-changes.ts';

export type ExportFormat = 'json' | 'text' | 'html';

/** What a face knows of text and time. */
export interface ExportWords {
  /** What others wrote, made harmless; on one line unless `lines`. */
  readonly safe: (text: string, options?: { readonly lines?: boolean }) => string;
  /** A time of RFC 3339 for people, in their time zone. */
  readonly time: (time: string) => string;
  /** How long messages last. */
  readonly lasts: (seconds: number) => string;
}

/** What there is of a channel. */
export interface ExportedChannel {
  readonly channel: ChannelView;
  /** Oldest first. */
  readonly messages: AsyncIterable<MessageView>;
  /** What was changed about the channel, oldest first. */
  readonly changes: readonly ChangeView[];
}

type Write = (of: ExportedChannel, words: ExportWords) => AsyncGenerator<string>;

const WRITERS: Readonly<Record<ExportFormat, Write>> = { json: asJson, text: asText, html: asHtml };

/** A channel as the pieces of a file, as they come. */
export function exported(format: ExportFormat, of: ExportedChannel, words: ExportWords): AsyncGenerator<string> {
  return WRITERS[format](of, words);
}

/** Messages and changes, each oldest first, as one: in the order of time. Where that is the same, what was changed comes first. */
export async function* inTime(
  messages: AsyncIterable<MessageView> | Iterable<MessageView>,
  changes: readonly ChangeView[],
): AsyncGenerator<{ readonly message: MessageView } | { readonly change: ChangeView }> {
  let told = 0;
  for await (const message of messages) {
    const at = Date.parse(message.time);
    for (let change = changes[told]; change && Date.parse(change.time) <= at; change = changes[told]) {
      yield { change };
      told += 1;
    }
    yield { message };
  }
  for (const change of changes.slice(told)) yield { change };
}

const PAGE = 500;

/** All messages of a channel that a node keeps, oldest first, a page at a time: a channel may be larger than memory. */
export async function* wholeHistory(
  page: (channel: string, options: { after: string; limit: number }) => Promise<readonly MessageView[]>,
  { id }: Pick<ChannelView, 'id'>,
): AsyncGenerator<MessageView> {
  for (let after = `${id}/`; ; ) {
    const messages = await page(id, { after, limit: PAGE });
    yield* messages;
    const last = messages.at(-1);
    if (!last || messages.length < PAGE) return;
    after = last.cursor;
  }
}

/** One JSON document: `{channel, messages: [...], changes: [...]}`, each as the local API shows it. */
async function* asJson({ channel, messages, changes }: ExportedChannel): AsyncGenerator<string> {
  yield `{"channel":${safeJson(channel)},"messages":[`;
  let separator = '\n';
  for await (const message of messages) {
    yield `${separator}${safeJson(message)}`;
    separator = ',\n';
  }
  yield `\n],"changes":${safeJson(changes)}}\n`;
}

function remarks({ edited, pinned }: MessageView): string {
  const all = [edited === undefined ? [] : 'edited', pinned === undefined ? [] : 'pinned'].flat();
  return all.length === 0 ? '' : ` (${all.join(', ')})`;
}

const said = ({ text, deleted }: MessageView, { safe }: ExportWords): string => (deleted ? '(deleted)' : safe(text, { lines: true }));
/** A line by whatever a reader takes for its end. */
const linesOf = (message: MessageView, words: ExportWords): string[] => said(message, words).split(/[\n\u2028\u2029]/);
const reactions = (message: MessageView, { safe }: ExportWords): string[] =>
  (message.reactions ?? []).map(({ emoji, by }) => `${safe(emoji)} ${by.map(({ display }) => safe(display)).join(', ')}`);

/** As people write it: `#garden`, or `@ben` for the conversation with a contact. */
const titled = ({ name, kind }: ChannelView, { safe }: ExportWords): string => `${kind === 'direct' ? '@' : '#'}${safe(name)}`;

/** Messages that others may answer, and of each so much text. */
const MAX_QUOTED = 10_000;
const QUOTED_CHARACTERS = 60;

/** What stands around a text: which message it answers, what is attached to it, and how others reacted. */
class Surroundings {
  readonly #words: ExportWords;
  readonly #quotes = new LruMap<string, string>(MAX_QUOTED);

  constructor(words: ExportWords) {
    this.#words = words;
  }

  of(message: MessageView): string[] {
    const { msg_id: id, reply_to: answers, sender, attachments = [] } = message;
    const { safe } = this.#words;
    const [begins = ''] = linesOf(message, this.#words);
    // Ids are their senders' own choice: the first that bears one is the one that others have answered.
    if (this.#quotes.get(id) === undefined)
      this.#quotes.set(id, `${safe(sender.display)}: ${[...begins].slice(0, QUOTED_CHARACTERS).join('')}`);
    const answered = answers === undefined ? [] : [`in reply to ${this.#quotes.get(answers) ?? safe(answers)}`];
    const attached = attachments.map(({ name, type, size }) => `attached: ${safe(name)} (${safe(type)}, ${sizeText(size)})`);
    return [...answered, ...attached, ...reactions(message, this.#words)];
  }
}

/** What somebody has changed, in a line; `name` writes what others chose to be called, or to call the channel. */
function changeText(change: ChangeView, { safe, lasts }: ExportWords, name = (text: string): string => text): string {
  const text = (piece: ChangePiece): string => {
    if (typeof piece === 'string') return piece;
    return 'person' in piece ? name(safe(piece.person.display)) : `“${name(safe(piece.quoted))}”`;
  };
  return changeWords(change, lasts).map(text).join('');
}

async function* asText({ channel, messages, changes }: ExportedChannel, words: ExportWords): AsyncGenerator<string> {
  const surroundings = new Surroundings(words);
  yield `${titled(channel, words)}  ${channel.id}\n\n`;
  for await (const line of inTime(messages, changes)) {
    if ('change' in line) {
      yield `${words.time(line.change.time)}  * ${changeText(line.change, words)}\n`;
      continue;
    }
    const { message } = line;
    // Only the first may look like a message.
    const [first = '', ...rest] = linesOf(message, words);
    yield `${words.time(message.time)}  ${words.safe(message.sender.display)}  ${first}${remarks(message)}\n`;
    for (const line of rest) yield `    ${line}\n`;
    for (const line of surroundings.of(message)) yield `    ${line}\n`;
  }
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);

/** Nothing around it is written from the right because it is. */
const isolated = (text: string): string => `<bdi>${escaped(text)}</bdi>`;

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}' +
  'article,.change{margin:.75rem 0}header,.change{font-size:.85em;opacity:.75}p{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}';

/** A page of its own that runs nothing and loads nothing, whatever people wrote. */
async function* asHtml({ channel, messages, changes }: ExportedChannel, words: ExportWords): AsyncGenerator<string> {
  const title = escaped(titled(channel, words));
  const surroundings = new Surroundings(words);
  yield `<!doctype html>\n<html>\n<head>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">\n`;
  yield `<title>${title}</title>\n<style>${STYLE}</style>\n</head>\n<body>\n<h1>${title}</h1>\n<p>${escaped(channel.id)}</p>\n`;
  for await (const line of inTime(messages, changes)) {
    const { time } = 'change' in line ? line.change : line.message;
    const at = `<time datetime="${escaped(time)}">${escaped(words.time(time))}</time>`;
    if ('change' in line) {
      yield `<p class="change" dir="auto">${at} ${changeText(line.change, words, isolated)}</p>\n`;
      continue;
    }
    const { message } = line;
    yield `<article id="${escaped(message.msg_id)}"><header>${isolated(words.safe(message.sender.display))} ${at}${remarks(message)}</header>`;
    yield `<p dir="auto">${escaped(said(message, words))}</p>${surroundings
      .of(message)
      .map((line) => `<small>${escaped(line)}</small>`)
      .join(' ')}</article>\n`;
  }
  yield '</body>\n</html>\n';
}
