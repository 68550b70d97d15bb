import { type Block, parseMarkdown, wordsOf } from './markdown.ts';

/** The beginning of a message on one line, without its marks: for a quote. */
export function excerpt(text: string, length = 140): string {
  const line = parseMarkdown(text.slice(0, length * 4))
    .map(wordsOfBlock)
    .join(' ')
    .replace(/\s+/g, ' ')
    .trim();
  const characters = [...line];
  return characters.length > length ? `${characters.slice(0, length).join('')}…` : line;
}

function wordsOfBlock(block: Block): string {
  switch (block.kind) {
    case 'code':
      return block.text;
    case 'rule':
      return '';
    case 'quote':
      return block.children.map(wordsOfBlock).join(' ');
    case 'list':
      return block.items.map((item) => item.map(wordsOfBlock).join(' ')).join(', ');
    default:
      return block.children.map(wordsOf).join('');
  }
}
