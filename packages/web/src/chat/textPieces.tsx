import { Fragment, type ReactNode } from 'react';
import { pieces } from './plain.ts';

/** Text in which nothing acts on what stands around it. */
export function textPieces(text: string, marked: readonly string[] = []): ReactNode {
  return pieces(text).map((piece, index) =>
    'text' in piece ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text never change
      <Fragment key={index}>{highlight(piece.text, marked)}</Fragment>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text never change
      <span key={index} className="text-control" title="An invisible character that would change how the text around it looks">
        {piece.control}
      </span>
    ),
  );
}

function highlight(text: string, marked: readonly string[]): ReactNode {
  if (marked.length === 0) return text;
  const pattern = new RegExp(`(${marked.map((word) => word.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|')})`, 'giu');
  // Splitting by one group leaves what it matched at every odd place.
  // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never change
  return text.split(pattern).map((part, index) => (index % 2 === 1 ? <mark key={index}>{part}</mark> : part));
}
