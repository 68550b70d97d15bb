import { parseContactLink } from '@parley/core';
import MarkdownIt, { type Token } from 'markdown-it';

/**
 * Markdown as a tree. No HTML is ever made of it: the app draws the tree itself, so there is nothing to sanitise, and what a message
 * may contain is exactly what has a name here.
 */
export type Inline =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'break' }
  | { readonly kind: 'strong' | 'em' | 'del'; readonly children: readonly Inline[] }
  | { readonly kind: 'link'; readonly href: string; readonly children: readonly Inline[] }
  /** A link by which somebody is added as a contact, as it was written. */
  | { readonly kind: 'contact'; readonly text: string };

export type Block =
  | { readonly kind: 'paragraph'; readonly children: readonly Inline[] }
  | { readonly kind: 'heading'; readonly children: readonly Inline[] }
  | { readonly kind: 'code'; readonly text: string; readonly language: string }
  | { readonly kind: 'quote'; readonly children: readonly Block[] }
  | { readonly kind: 'list'; readonly start: number | undefined; readonly items: readonly (readonly Block[])[] }
  | { readonly kind: 'rule' };

/** Longer texts are shown as they are, in paragraphs: parsing takes longer than linear time for texts made to be bad. */
export const MAX_MARKDOWN = 16_384;
/** Deeper than people nest. */
const MAX_NESTING = 12;
const MAX_HREF = 2048;

/** Behind the scheme: a key in base58, and what its holder is called. Nothing that looks like either and is not. */
const CONTACT = /^contact\/key_[1-9A-HJ-NP-Za-km-z]{32,64}(?:\?name=[\w.~%'!*-]{0,800}[\w~-])?(?![\w/?#&=%-])/;

const parser = new MarkdownIt('zero', { html: false, linkify: true, breaks: true, maxNesting: MAX_NESTING });
parser.enable([
  'fence',
  'code',
  'blockquote',
  'list',
  'heading',
  'hr',
  'backticks',
  'emphasis',
  'strikethrough',
  'link',
  'autolink',
  'linkify',
  'escape',
  'newline',
  'balance_pairs',
  'fragments_join',
]);
// Only what is written as an address becomes a link: `readme.md` and `1.2.3.4` stay words.
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
for (const scheme of ['ftp:', '//', 'mailto:']) parser.linkify.add(scheme, null);
parser.linkify.add('parley:', {
  validate: (text, at) => (text.startsWith('parley:', at - 7) ? (CONTACT.exec(text.slice(at, at + MAX_HREF))?.[0].length ?? 0) : 0),
});
parser.validateLink = (href) => safeHref(href) !== undefined || isContactLink(href);

/** The address that a link leads to, if it may lead there: the web and mail alone. */
export function safeHref(href: string): string | undefined {
  if (href.length > MAX_HREF || !/^(?:https?:\/\/|mailto:)/i.test(href)) return undefined;
  return URL.canParse(href) ? new URL(href).href : undefined;
}

/** A name of a host as people write it, alone, with a path, or behind `somebody@`. */
const HOST = /^(?:[^/@]*@)?(?:[\p{L}\p{N}_-]+\.)+\p{L}{2,}(?=[/:?#]|$)/u;

/** The host, also of an address of mail. */
function hostOf(href: string): string {
  const { hostname, pathname } = new URL(href);
  return hostname || pathname.slice(pathname.lastIndexOf('@') + 1);
}

/** The host that a link leads to, where its words begin with an address of another: they would have somebody go there unawares. */
function elsewhereOf(words: string, href: string): string | undefined {
  const [first = ''] = words.trim().split(/\s/, 1);
  const named = safeHref(first) ?? (HOST.test(first) ? safeHref(`http://${first}`) : undefined);
  const host = hostOf(href);
  return named === undefined || `.${host}`.endsWith(`.${hostOf(named)}`) ? undefined : host;
}

/** What an inline says without its marks. */
export function wordsOf(inline: Inline): string {
  if (inline.kind === 'break') return ' ';
  return 'children' in inline ? inline.children.map(wordsOf).join('') : inline.text;
}

/** Whether a text is a link to a contact, or the address of this same app with one. */
function isContactLink(text: string): boolean {
  if (!text.startsWith('parley:contact/')) return false;
  try {
    return parseContactLink(text) !== undefined;
  } catch {
    return false;
  }
}

export function parseMarkdown(text: string): readonly Block[] {
  if (text.length > MAX_MARKDOWN) return plainBlocks(text);
  return blocksOf(new Cursor(parser.parse(text, {})));
}

/** Paragraphs as they stand, for what is too long to be parsed. */
function plainBlocks(text: string): Block[] {
  return text.split(/\n{2,}/).map((paragraph) => ({ kind: 'paragraph', children: linesOf(paragraph) }));
}

function linesOf(text: string): Inline[] {
  return text
    .split('\n')
    .flatMap((line, index): Inline[] => (index === 0 ? [{ kind: 'text', text: line }] : [{ kind: 'break' }, { kind: 'text', text: line }]));
}

/** Walks through a flat list of tokens, in which opening and closing ones nest. */
class Cursor {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** The next token, unless it closes what is being read; that one is taken. */
  next(): Token | undefined {
    const token = this.#tokens[this.#at];
    this.#at += 1;
    return token === undefined || token.nesting === -1 ? undefined : token;
  }
}

function blocksOf(cursor: Cursor): Block[] {
  const blocks: Block[] = [];
  for (let token = cursor.next(); token; token = cursor.next()) {
    const block = blockOf(token, cursor);
    if (block) blocks.push(block);
  }
  return blocks;
}

function blockOf(token: Token, cursor: Cursor): Block | undefined {
  switch (token.type) {
    case 'paragraph_open':
      return { kind: 'paragraph', children: inlineBlock(cursor) };
    case 'heading_open':
      return { kind: 'heading', children: inlineBlock(cursor) };
    case 'fence':
      return { kind: 'code', text: token.content.replace(/\n$/, ''), language: /^[\w+#.-]{1,30}/.exec(token.info.trim())?.[0] ?? '' };
    case 'code_block':
      return { kind: 'code', text: token.content.replace(/\n$/, ''), language: '' };
    case 'blockquote_open':
      return { kind: 'quote', children: blocksOf(cursor) };
    case 'bullet_list_open':
      return { kind: 'list', start: undefined, items: itemsOf(cursor) };
    case 'ordered_list_open':
      return { kind: 'list', start: Number(token.attrGet('start') ?? 1), items: itemsOf(cursor) };
    case 'hr':
      return { kind: 'rule' };
    default:
      // A parser that learns something new says so here, and shows it as text.
      return token.content === '' ? undefined : { kind: 'paragraph', children: linesOf(token.content) };
  }
}

function itemsOf(cursor: Cursor): Block[][] {
  const items: Block[][] = [];
  for (let token = cursor.next(); token; token = cursor.next()) items.push(blocksOf(cursor));
  return items;
}

function inlineBlock(cursor: Cursor): Inline[] {
  const children: Inline[] = [];
  for (let token = cursor.next(); token; token = cursor.next()) children.push(...inlinesOf(new Cursor(token.children ?? [])));
  return children;
}

function inlinesOf(cursor: Cursor): Inline[] {
  const inlines: Inline[] = [];
  for (let token = cursor.next(); token; token = cursor.next()) {
    const inline = inlineOf(token, cursor);
    if (inline) inlines.push(inline);
  }
  return inlines;
}

function inlineOf(token: Token, cursor: Cursor): Inline | undefined {
  switch (token.type) {
    case 'strong_open':
      return { kind: 'strong', children: inlinesOf(cursor) };
    case 'em_open':
      return { kind: 'em', children: inlinesOf(cursor) };
    case 's_open':
      return { kind: 'del', children: inlinesOf(cursor) };
    case 'link_open': {
      const written = String(token.attrGet('href') ?? '');
      if (isContactLink(written)) {
        const [inside] = inlinesOf(cursor);
        // Behind other words nobody would see whom they are about to add.
        return token.info === 'auto' && inside?.kind === 'text' ? { kind: 'contact', text: written } : inside;
      }
      const href = safeHref(written);
      const children = inlinesOf(cursor);
      // A link without words would be one that nobody sees; its address is its text.
      const shown: Inline[] = children.length === 0 ? [{ kind: 'text', text: href ?? '' }] : children;
      const elsewhere = href === undefined ? undefined : elsewhereOf(shown.map(wordsOf).join(''), href);
      if (elsewhere !== undefined) shown.push({ kind: 'text', text: ` (${elsewhere})` });
      return href === undefined ? { kind: 'em', children: shown } : { kind: 'link', href, children: shown };
    }
    case 'code_inline':
      return { kind: 'code', text: token.content };
    case 'softbreak':
    case 'hardbreak':
      return { kind: 'break' };
    default:
      return token.content === '' ? undefined : { kind: 'text', text: token.content };
  }
}
