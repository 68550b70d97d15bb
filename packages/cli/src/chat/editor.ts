import { graphemes } from '../text/width.ts';

/** A text being written, and where in it the next character goes (an index of UTF-16 code units, never within a grapheme). */
export interface Editor {
  readonly text: string;
  readonly at: number;
}

export const emptyEditor: Editor = { text: '', at: 0 };

/** Most UTF-16 code units in the input: a message's 64 KiB, and room for whoever has to shorten a paste. */
export const MOST_TEXT = 128 * 1024;

export function editorOf(text: string): Editor {
  return { text, at: text.length };
}

/** What a message may hold: line feeds and tabs are text, other control characters are not. */
export function typable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/\r\n?/g, '\n').replace(/[\u0000-\u0008\u000b-\u001f\u007f\p{Cs}]/gu, '');
}

export function insert({ text, at }: Editor, typed: string): Editor {
  const added = typable(typed).slice(0, Math.max(0, MOST_TEXT - text.length));
  return { text: text.slice(0, at) + added + text.slice(at), at: at + added.length };
}

function remove({ text, at }: Editor, from: number, to: number): Editor {
  return { text: text.slice(0, from) + text.slice(to), at: at <= from ? at : at >= to ? at - (to - from) : from };
}

const lineStart = ({ text, at }: Editor): number => text.lastIndexOf('\n', at - 1) + 1;

function lineEnd({ text, at }: Editor): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

/** Only the line is looked at: graphemes do not span lines, and a paste may be large. */
function leftOf(editor: Editor): number {
  if (editor.at === 0) return 0;
  const start = lineStart(editor);
  if (start === editor.at) return editor.at - 1;
  return editor.at - (graphemes(editor.text.slice(start, editor.at)).at(-1)?.length ?? 1);
}

function rightOf(editor: Editor): number {
  if (editor.at >= editor.text.length) return editor.text.length;
  if (editor.text[editor.at] === '\n') return editor.at + 1;
  return editor.at + (graphemes(editor.text.slice(editor.at, lineEnd(editor)))[0]?.length ?? 1);
}

function wordLeft({ text, at }: Editor): number {
  return at - (/[\p{L}\p{N}\p{M}_]*[^\p{L}\p{N}\p{M}_]*$/u.exec(text.slice(0, at))?.[0].length ?? 0);
}

function wordRight({ text, at }: Editor): number {
  return at + (/^[^\p{L}\p{N}\p{M}_]*[\p{L}\p{N}\p{M}_]*/u.exec(text.slice(at))?.[0].length ?? 0);
}

/** Ctrl-W takes what stands between spaces. */
function spacedWordLeft({ text, at }: Editor): number {
  return at - (/\S*\s*$/.exec(text.slice(0, at))?.[0].length ?? 0);
}

export type EditCommand =
  | 'left'
  | 'right'
  | 'word-left'
  | 'word-right'
  | 'home'
  | 'end'
  | 'backspace'
  | 'delete'
  | 'delete-word-left'
  | 'delete-spaced-word-left'
  | 'delete-word-right'
  | 'delete-to-start'
  | 'delete-to-end';

export function edit(editor: Editor, command: EditCommand): Editor {
  const { at } = editor;
  switch (command) {
    case 'left':
      return { ...editor, at: leftOf(editor) };
    case 'right':
      return { ...editor, at: rightOf(editor) };
    case 'word-left':
      return { ...editor, at: wordLeft(editor) };
    case 'word-right':
      return { ...editor, at: wordRight(editor) };
    case 'home':
      return { ...editor, at: lineStart(editor) };
    case 'end':
      return { ...editor, at: lineEnd(editor) };
    case 'backspace':
      return remove(editor, leftOf(editor), at);
    case 'delete':
      return remove(editor, at, rightOf(editor));
    case 'delete-word-left':
      return remove(editor, wordLeft(editor), at);
    case 'delete-spaced-word-left':
      return remove(editor, spacedWordLeft(editor), at);
    case 'delete-word-right':
      return remove(editor, at, wordRight(editor));
    case 'delete-to-start':
      return remove(editor, lineStart(editor), at);
    case 'delete-to-end':
      // At the end of a line, what is deleted is the end itself.
      return remove(editor, at, editor.text[at] === '\n' ? at + 1 : lineEnd(editor));
  }
}

/** One line up or down within the text, keeping the column; undefined at its first or last line. */
export function vertical(editor: Editor, direction: 'up' | 'down'): Editor | undefined {
  const start = lineStart(editor);
  const column = graphemes(editor.text.slice(start, editor.at)).length;
  const target = direction === 'up' ? start - 1 : lineEnd(editor) + 1;
  if (target < 0 || target > editor.text.length) return undefined;
  const at = lineStart({ ...editor, at: target });
  const line = graphemes(editor.text.slice(at, lineEnd({ ...editor, at })));
  return { ...editor, at: at + line.slice(0, column).join('').length };
}

/** Lines that were entered, latest last, and which of them is shown. */
export interface Recall {
  readonly lines: readonly string[];
  readonly index: number | undefined;
  /** What was being written when the user began to look back. */
  readonly draft: string;
}

export const emptyRecall: Recall = { lines: [], index: undefined, draft: '' };
const MOST_RECALLED = 200;

export function remember(recall: Recall, line: string): Recall {
  const lines = recall.lines.at(-1) === line ? recall.lines : [...recall.lines, line].slice(-MOST_RECALLED);
  return { lines, index: undefined, draft: '' };
}

/** Undefined when there is nothing further in that direction. */
export function recalled(recall: Recall, editor: Editor, direction: 'up' | 'down'): { recall: Recall; editor: Editor } | undefined {
  const { lines, index } = recall;
  if (direction === 'up') {
    const next = (index ?? lines.length) - 1;
    const line = lines[next];
    if (line === undefined) return undefined;
    return { recall: { ...recall, index: next, draft: index === undefined ? editor.text : recall.draft }, editor: editorOf(line) };
  }
  if (index === undefined) return undefined;
  const line = lines[index + 1];
  if (line === undefined) return { recall: { ...recall, index: undefined, draft: '' }, editor: editorOf(recall.draft) };
  return { recall: { ...recall, index: index + 1 }, editor: editorOf(line) };
}
