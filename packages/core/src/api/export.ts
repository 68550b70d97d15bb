import { LruMap } from '../util/bounded.ts';
import { safeJson } from '../util/safe-json.ts';
import { sizeText } from '../util/size.ts';
import type { ChannelView, MessageView } from './types.ts';

export type ExportFormat = 'json' | 'text' | 'html';

/** What a face knows of text and time. */
export interface ExportWords {
  /** What others wrote, made harmless; on one line unless `lines`. */
  readonly safe: (text: string, options?: { readonly lines?: boolean }) => string;
  /** A time of RFC 3339 for people, in their time zone. */
  readonly time: (time: string) => string;
}

type Write = (channel: ChannelView, messages: AsyncIterable<MessageView>, words: ExportWords) => AsyncGenerator<string>;

const WRITERS: Readonly<Record<ExportFormat, Write>> = { json: asJson, text: asText, html: asHtml };

/** A channel as the pieces of a file, as they come. */
export function exported(
  format: ExportFormat,
  channel: ChannelView,
  messages: AsyncIterable<MessageView>,
  words: ExportWords,
): AsyncGenerator<string> {
  return WRITERS[format](channel, messages, words);
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

/** One JSON document: `{channel, messages: [...]}`, each as the local API shows it. */
async function* asJson(channel: ChannelView, messages: AsyncIterable<MessageView>): AsyncGenerator<string> {
  yield `{"channel":${safeJson(channel)},"messages":[`;
  let separator = '\n';
  for await (const message of messages) {
    yield `${separator}${safeJson(message)}`;
    separator = ',\n';
  }
  yield '\n]}\n';
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

async function* asText(channel: ChannelView, messages: AsyncIterable<MessageView>, words: ExportWords): AsyncGenerator<string> {
  const surroundings = new Surroundings(words);
  yield `${titled(channel, words)}  ${channel.id}\n\n`;
  for await (const message of messages) {
    // Only the first may look like a message.
    const [first = '', ...rest] = linesOf(message, words);
    yield `${words.time(message.time)}  ${words.safe(message.sender.display)}  ${first}${remarks(message)}\n`;
    for (const line of rest) yield `    ${line}\n`;
    for (const line of surroundings.of(message)) yield `    ${line}\n`;
  }
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}' +
  'article{margin:.75rem 0}header{font-size:.85em;opacity:.75}p{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}';

/** A page of its own that runs nothing and loads nothing, whatever people wrote. */
async function* asHtml(channel: ChannelView, messages: AsyncIterable<MessageView>, words: ExportWords): AsyncGenerator<string> {
  const title = escaped(titled(channel, words));
  const surroundings = new Surroundings(words);
  yield `<!doctype html>\n<html>\n<head>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">\n`;
  yield `<title>${title}</title>\n<style>${STYLE}</style>\n</head>\n<body>\n<h1>${title}</h1>\n<p>${escaped(channel.id)}</p>\n`;
  for await (const message of messages) {
    const at = `<time datetime="${escaped(message.time)}">${escaped(words.time(message.time))}</time>`;
    yield `<article id="${escaped(message.msg_id)}"><header><bdi>${escaped(words.safe(message.sender.display))}</bdi> ${at}${remarks(message)}</header>`;
    yield `<p dir="auto">${escaped(said(message, words))}</p>${surroundings
      .of(message)
      .map((line) => `<small>${escaped(line)}</small>`)
      .join(' ')}</article>\n`;
  }
  yield '</body>\n</html>\n';
}
