import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type EditCommand,
  type Editor,
  edit,
  editorOf,
  emptyEditor,
  emptyRecall,
  insert,
  MOST_TEXT,
  recalled,
  remember,
  vertical,
} from './editor.ts';

/** A text with `|` where the cursor is. */
function at(marked: string): Editor {
  return { text: marked.replace('|', ''), at: marked.indexOf('|') };
}
const show = ({ text, at: place }: Editor): string => `${text.slice(0, place)}|${text.slice(place)}`;

describe('editing', () => {
  it.each([
    ['left', 'ab|', 'a|b'],
    ['left', '|ab', '|ab'],
    ['left', 'a\u{1f468}\u200d\u{1f469}|', 'a|\u{1f468}\u200d\u{1f469}'],
    ['left', 'a\n|b', 'a|\nb'],
    ['right', 'a|\nb', 'a\n|b'],
    ['right', '|e\u0301x', 'e\u0301|x'],
    ['word-left', 'one two, |three', 'one |two, three'],
    ['word-right', '|one two', 'one| two'],
    ['home', 'a\nbc|d', 'a\n|bcd'],
    ['end', 'a\n|bcd\ne', 'a\nbcd|\ne'],
    ['backspace', 'ab|c', 'a|c'],
    ['backspace', '|c', '|c'],
    ['delete', 'a|bc', 'a|c'],
    ['delete-spaced-word-left', 'see /tmp/x.txt |', 'see |'],
    ['delete-word-left', 'see /tmp/x.txt|', 'see /tmp/x.|'],
    ['delete-word-right', 'a| bcd e', 'a| e'],
    ['delete-to-start', 'a\nbc|d', 'a\n|d'],
    ['delete-to-end', 'a|bc\nd', 'a|\nd'],
    ['delete-to-end', 'a|\nd', 'a|d'],
  ] satisfies [EditCommand, string, string][])('%s in %s gives %s', (command, before, after) => {
    expect(show(edit(at(before), command))).toBe(after);
  });

  it('inserts what may be in a message, at the cursor', () => {
    expect(show(insert(at('a|c'), 'b'))).toBe('ab|c');
    expect(show(insert(emptyEditor, 'one\r\ntwo\rthree\u001b[31m\ud800'))).toBe('one\ntwo\nthree[31m|');
  });

  it('has an end', () => {
    expect(insert(emptyEditor, 'x'.repeat(2 * MOST_TEXT)).text).toHaveLength(MOST_TEXT);
    expect(insert(editorOf('x'.repeat(MOST_TEXT)), 'y').text).toHaveLength(MOST_TEXT);
  });

  it('goes up and down within the text, and no further', () => {
    const two = at('abc\nd|');
    expect(vertical(two, 'up')).toEqual(at('a|bc\nd'));
    expect(vertical(two, 'down')).toBeUndefined();
    expect(vertical(at('abc|\nd'), 'down')).toEqual(at('abc\nd|'));
    expect(vertical(at('abc|\nd'), 'up')).toBeUndefined();
  });

  it('never leaves the text, whatever is pressed', () => {
    const commands: EditCommand[] = [
      'left',
      'right',
      'word-left',
      'word-right',
      'home',
      'end',
      'backspace',
      'delete',
      'delete-word-left',
      'delete-to-end',
    ];
    const step = fc.oneof(
      fc.constantFrom(...commands),
      fc.string({ unit: 'grapheme' }).map((text) => ({ text })),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let editor = emptyEditor;
        for (const next of steps) {
          editor = typeof next === 'string' ? edit(editor, next) : insert(editor, next.text);
          editor = vertical(editor, 'up') ?? editor;
          expect(editor.at).toBeGreaterThanOrEqual(0);
          expect(editor.at).toBeLessThanOrEqual(editor.text.length);
          expect(editor.text.slice(0, editor.at)).not.toMatch(/[\ud800-\udbff]$/);
        }
      }),
    );
  });
});

describe('recalling', () => {
  it('goes back, and forth again to what was being written', () => {
    const recall = remember(remember(emptyRecall, 'first'), 'second');
    const one = recalled(recall, editorOf('draft'), 'up');
    expect(one?.editor).toEqual(editorOf('second'));
    const two = one && recalled(one.recall, one.editor, 'up');
    expect(two?.editor).toEqual(editorOf('first'));
    expect(two && recalled(two.recall, two.editor, 'up')).toBeUndefined();
    const back = two && recalled(two.recall, two.editor, 'down');
    const end = back && recalled(back.recall, back.editor, 'down');
    expect(end?.editor).toEqual(editorOf('draft'));
    expect(end && recalled(end.recall, end.editor, 'down')).toBeUndefined();
  });

  it('keeps the latest 200, and a repeated line once', () => {
    let recall = emptyRecall;
    for (let i = 0; i < 300; i++) recall = remember(remember(recall, `line ${i}`), `line ${i}`);
    expect(recall.lines).toHaveLength(200);
    expect(recall.lines.at(-1)).toBe('line 299');
  });
});
