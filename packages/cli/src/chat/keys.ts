/** A key that was pressed, or a text that was typed or pasted. */
export type Key =
  | { readonly key: 'text'; readonly text: string }
  | { readonly key: 'paste'; readonly text: string }
  | { readonly key: NamedKey };

export type NamedKey =
  | 'enter'
  | 'newline'
  | 'tab'
  | 'shift-tab'
  | 'escape'
  | 'backspace'
  | 'delete'
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'word-left'
  | 'word-right'
  | 'home'
  | 'end'
  | 'page-up'
  | 'page-down'
  | 'top'
  | 'bottom'
  | 'delete-word-left'
  | 'delete-spaced-word-left'
  | 'delete-word-right'
  | 'delete-to-start'
  | 'delete-to-end'
  | 'next-channel'
  | 'previous-channel'
  | 'redraw'
  | 'interrupt'
  | 'end-of-input';

const ESC = '\u001b';
const PASTE_BEGIN = `${ESC}[200~`;
const PASTE_END = `${ESC}[201~`;
/** A paste is cut after so many characters: a message has room for 64 KiB. */
const MOST_PASTED = 256 * 1024;

/** Sequences after ESC, of xterm and those who follow it (VT220, rxvt, the Linux console, tmux). */
const SEQUENCES: Readonly<Record<string, NamedKey>> = {
  '[A': 'up',
  '[B': 'down',
  '[C': 'right',
  '[D': 'left',
  OA: 'up',
  OB: 'down',
  OC: 'right',
  OD: 'left',
  '[H': 'home',
  '[F': 'end',
  OH: 'home',
  OF: 'end',
  '[1~': 'home',
  '[4~': 'end',
  '[7~': 'home',
  '[8~': 'end',
  '[3~': 'delete',
  '[5~': 'page-up',
  '[6~': 'page-down',
  '[Z': 'shift-tab',
  '[1;2A': 'page-up',
  '[1;2B': 'page-down',
  '[1;5C': 'word-right',
  '[1;5D': 'word-left',
  '[1;3C': 'word-right',
  '[1;3D': 'word-left',
  '[1;5H': 'top',
  '[1;5F': 'bottom',
  '[1;5A': 'previous-channel',
  '[1;5B': 'next-channel',
  '[1;3A': 'previous-channel',
  '[1;3B': 'next-channel',
  '[3;5~': 'delete-word-right',
  '[13;2u': 'newline',
  '[13;3u': 'newline',
  '[27;2;13~': 'newline',
  '[27;3;13~': 'newline',
  b: 'word-left',
  f: 'word-right',
  d: 'delete-word-right',
  '<': 'top',
  '>': 'bottom',
  '\r': 'newline',
  '\n': 'newline',
  '\u007f': 'delete-word-left',
  '\b': 'delete-word-left',
};

const CONTROLS: Readonly<Record<string, NamedKey>> = {
  '\r': 'enter',
  '\n': 'newline',
  '\t': 'tab',
  '\u007f': 'backspace',
  '\b': 'backspace',
  '\u0001': 'home',
  '\u0002': 'left',
  '\u0003': 'interrupt',
  '\u0004': 'end-of-input',
  '\u0005': 'end',
  '\u0006': 'right',
  '\u000b': 'delete-to-end',
  '\u000c': 'redraw',
  '\u000e': 'next-channel',
  '\u0010': 'previous-channel',
  '\u0015': 'delete-to-start',
  '\u0017': 'delete-spaced-word-left',
};

/** A control sequence after ESC: `[` and parameters to a final letter, `O` and a letter, or one character (Alt). */
const SEQUENCE = /^(?:\[[0-?]*[ -/]*[@-~]|\[\[[A-E]|O[ -~]|[^[O])/u;
/** What may become a sequence when more comes. */
const PARTIAL = /^(?:\[[0-?]*[ -/]*|O)?$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they part texts from keys
const TEXT = /^[^\u0000-\u001f\u007f]+/;

/** Turns what a terminal sends into keys. Sequences may come in pieces; `flush` takes what waits for the rest as it is. */
export class KeyDecoder {
  #waiting = '';
  #pasting: string | undefined;

  /** Whether an escape sequence has begun that may still go on. */
  get pending(): boolean {
    return this.#pasting === undefined && this.#waiting !== '';
  }

  push(chunk: string): Key[] {
    this.#waiting += chunk;
    const keys: Key[] = [];
    while (this.#waiting !== '') {
      if (!this.#take(keys, false)) break;
    }
    return keys;
  }

  /** To be called when nothing followed for a while: a lone ESC is the Escape key. */
  flush(): Key[] {
    const keys: Key[] = [];
    while (this.pending) this.#take(keys, true);
    return keys;
  }

  /** Takes one key from the front; false when it has to wait for more. */
  #take(keys: Key[], flushing: boolean): boolean {
    const waiting = this.#waiting;
    if (this.#pasting !== undefined) return this.#takePaste(keys, this.#pasting);
    const text = TEXT.exec(waiting)?.[0];
    if (text !== undefined) {
      this.#waiting = waiting.slice(text.length);
      keys.push({ key: 'text', text });
      return true;
    }
    if (!waiting.startsWith(ESC)) {
      this.#waiting = waiting.slice(1);
      const key = CONTROLS[waiting.charAt(0)];
      if (key) keys.push({ key });
      return true;
    }
    if (waiting.startsWith(PASTE_BEGIN)) {
      this.#waiting = waiting.slice(PASTE_BEGIN.length);
      this.#pasting = '';
      return true;
    }
    return this.#takeSequence(keys, flushing);
  }

  #takeSequence(keys: Key[], flushing: boolean): boolean {
    const rest = this.#waiting.slice(1);
    if (!flushing && PARTIAL.test(rest)) return false;
    // Escape was pressed, and then another key.
    const sequence = rest.startsWith(ESC) ? undefined : SEQUENCE.exec(rest)?.[0];
    if (sequence === undefined) {
      this.#waiting = rest;
      keys.push({ key: 'escape' });
      return true;
    }
    this.#waiting = rest.slice(sequence.length);
    const key = Object.hasOwn(SEQUENCES, sequence) ? SEQUENCES[sequence] : undefined;
    if (key) keys.push({ key });
    return true;
  }

  #takePaste(keys: Key[], pasted: string): boolean {
    const end = this.#waiting.indexOf(PASTE_END);
    // The mark of the end may itself come in pieces.
    const taken = end >= 0 ? end : Math.max(0, this.#waiting.length - (PASTE_END.length - 1));
    const text = (pasted + this.#waiting.slice(0, taken)).slice(0, MOST_PASTED);
    if (end < 0) {
      this.#waiting = this.#waiting.slice(taken);
      this.#pasting = text;
      return false;
    }
    this.#waiting = this.#waiting.slice(end + PASTE_END.length);
    this.#pasting = undefined;
    keys.push({ key: 'paste', text });
    return true;
  }
}
