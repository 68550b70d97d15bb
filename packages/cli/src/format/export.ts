import type { ChannelView, MessageView } from '@parley/host';
import { safeText } from '../text/safe-text.ts';
import { dateTime } from '../text/time.ts';

export const EXPORT_FORMATS = ['json', 'text', 'html'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** A channel as the pieces of a file. */
type Write = (channel: ChannelView, messages: AsyncIterable<MessageView>) => AsyncGenerator<string>;

const WRITERS: Readonly<Record<ExportFormat, Write>> = { json: asJson, text: asText, html: asHtml };

export function exportWriter(format: ExportFormat): Write {
  return WRITERS[format];
}

/** One JSON document: `{channel, messages: [...]}`, each as the local API shows it. */
async function* asJson(channel: ChannelView, messages: AsyncIterable<MessageView>): AsyncGenerator<string> {
  yield `{"channel":${JSON.stringify(channel)},"messages":[`;
  let separator = '\n';
  for await (const message of messages) {
    yield `${separator}${JSON.stringify(message)}`;
    separator = ',\n';
  }
  yield '\n]}\n';
}

function remarks({ edited, pinned }: MessageView): string {
  const all = [edited === undefined ? [] : 'edited', pinned === undefined ? [] : 'pinned'].flat();
  return all.length === 0 ? '' : ` (${all.join(', ')})`;
}

const said = ({ text, deleted }: MessageView): string => (deleted ? '(deleted)' : safeText(text, { lines: true }));
const reactions = (message: MessageView): string[] =>
  (message.reactions ?? []).map(({ emoji, by }) => `${safeText(emoji)} ${by.map(({ display }) => safeText(display)).join(', ')}`);

async function* asText({ name, id }: ChannelView, messages: AsyncIterable<MessageView>): AsyncGenerator<string> {
  yield `#${safeText(name)}  ${id}\n\n`;
  for await (const message of messages) {
    const [first = '', ...rest] = said(message).split('\n');
    yield `${dateTime(Date.parse(message.time))}  ${safeText(message.sender.display)}  ${first}${remarks(message)}\n`;
    for (const line of rest) yield `    ${line}\n`;
    for (const line of reactions(message)) yield `    ${line}\n`;
  }
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}' +
  'article{margin:.75rem 0}header{font-size:.85em;opacity:.75}p{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}';

/** A page of its own that runs nothing and loads nothing, whatever people wrote. */
async function* asHtml({ name, id }: ChannelView, messages: AsyncIterable<MessageView>): AsyncGenerator<string> {
  const title = escaped(`#${safeText(name)}`);
  yield `<!doctype html>\n<html>\n<head>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">\n`;
  yield `<title>${title}</title>\n<style>${STYLE}</style>\n</head>\n<body>\n<h1>${title}</h1>\n<p>${escaped(id)}</p>\n`;
  for await (const message of messages) {
    const at = `<time datetime="${escaped(message.time)}">${escaped(dateTime(Date.parse(message.time)))}</time>`;
    yield `<article id="${escaped(message.msg_id)}"><header><bdi>${escaped(safeText(message.sender.display))}</bdi> ${at}${remarks(message)}</header>`;
    yield `<p dir="auto">${escaped(said(message))}</p>${reactions(message)
      .map((line) => `<small>${escaped(line)}</small>`)
      .join(' ')}</article>\n`;
  }
  yield '</body>\n</html>\n';
}
