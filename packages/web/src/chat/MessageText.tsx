import { Fragment, memo, type ReactNode, useState } from 'react';
import { contactIn } from '../state/route.ts';
import { type Block, type Inline, MAX_MARKDOWN, parseMarkdown } from './markdown.ts';
import { textPieces } from './textPieces.tsx';

/** Longer messages are folded: a wall of text moves nothing else out of sight. */
const FOLD_LENGTH = 2400;
const FOLD_LINES = 30;

interface MessageTextProps {
  readonly text: string;
  /** Words to be marked, as a search found them. */
  readonly marked?: readonly string[];
}

/** What somebody wrote, drawn from its tree. Each block finds its own direction, and none reaches beyond itself. */
export const MessageText = memo(function MessageText({ text, marked = [] }: MessageTextProps): ReactNode {
  const [open, setOpen] = useState(false);
  const long = text.length > FOLD_LENGTH || text.split('\n', FOLD_LINES + 1).length > FOLD_LINES;
  const folded = long && !open;
  const shown = folded ? text.slice(0, FOLD_LENGTH) : text;
  return (
    <div className={`text ${folded ? 'text-folded' : ''} ${isEmojiOnly(text) ? 'text-emoji' : ''}`}>
      {parseMarkdown(shown).map((block, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the tree of a text never changes
        <BlockView key={index} block={block} marked={marked} />
      ))}
      {shown.length > MAX_MARKDOWN && <p className="text-plain">Too long to be formatted: shown as it was written.</p>}
      {long && (
        <button type="button" className="text-more" onClick={() => setOpen(!open)} aria-expanded={open}>
          {open ? 'Show less' : 'Show all of it'}
        </button>
      )}
    </div>
  );
});

function BlockView({ block, marked }: { block: Block; marked: readonly string[] }): ReactNode {
  switch (block.kind) {
    case 'paragraph':
      return <p dir="auto">{inlines(block.children, marked)}</p>;
    case 'heading':
      // Not a heading of the page: a message is no part of its outline.
      return (
        <p dir="auto" className="text-heading">
          {inlines(block.children, marked)}
        </p>
      );
    case 'code':
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
        <pre dir="ltr" tabIndex={0} data-language={block.language || undefined}>
          <code>{textPieces(block.text, marked)}</code>
        </pre>
      );
    case 'quote':
      return <blockquote dir="auto">{blocks(block.children, marked)}</blockquote>;
    case 'rule':
      return <hr />;
    case 'list': {
      const items = block.items.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the tree of a text never changes
        <li key={index} dir="auto">
          {blocks(item, marked)}
        </li>
      ));
      return block.start === undefined ? (
        <ul dir="auto">{items}</ul>
      ) : (
        <ol start={block.start} dir="auto">
          {items}
        </ol>
      );
    }
  }
}

function blocks(children: readonly Block[], marked: readonly string[]): ReactNode {
  // biome-ignore lint/suspicious/noArrayIndexKey: the tree of a text never changes
  return children.map((child, index) => <BlockView key={index} block={child} marked={marked} />);
}

function inlines(children: readonly Inline[], marked: readonly string[]): ReactNode {
  // biome-ignore lint/suspicious/noArrayIndexKey: the tree of a text never changes
  return children.map((child, index) => <Fragment key={index}>{inline(child, marked)}</Fragment>);
}

function inline(node: Inline, marked: readonly string[]): ReactNode {
  switch (node.kind) {
    case 'text':
      return textPieces(node.text, marked);
    case 'code':
      return <code dir="auto">{textPieces(node.text, marked)}</code>;
    case 'break':
      return <br />;
    case 'strong':
      return <strong>{inlines(node.children, marked)}</strong>;
    case 'em':
      return <em>{inlines(node.children, marked)}</em>;
    case 'del':
      return <del>{inlines(node.children, marked)}</del>;
    case 'contact':
      // A place of this app: it opens the dialog, filled in, and does no more.
      return (
        <a href={`#/${node.text.slice('parley:'.length)}`} title="Add as a contact">
          <bdi>{textPieces(node.text, marked)}</bdi>
        </a>
      );
    case 'link': {
      const contact = contactHere(node.href);
      if (contact !== undefined) return <a href={contact}>{inlines(node.children, marked)}</a>;
      return (
        <a href={node.href} target="_blank" rel="noopener noreferrer" title={node.href}>
          <bdi>{inlines(node.children, marked)}</bdi>
        </a>
      );
    }
  }
}

/** The place of a contact in this app, where a web address leads to it. */
function contactHere(href: string): string | undefined {
  const { origin, hash } = new URL(href);
  return origin === globalThis.location?.origin && contactIn(hash) !== undefined ? hash : undefined;
}

const EMOJI_ONLY = /^(?:\p{RGI_Emoji}\s*){1,3}$/v;

/** What no emoji begins with: to look for all of them in every text costs milliseconds. */
const PLAIN_START = /^[\p{L}\p{P}\p{Z}]/u;

function isEmojiOnly(text: string): boolean {
  const trimmed = text.trim();
  return text.length < 60 && !PLAIN_START.test(trimmed) && EMOJI_ONLY.test(trimmed);
}
