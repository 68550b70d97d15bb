import { safeText } from '../text/safe-text.ts';
import type { Editor } from './editor.ts';

/** What Tab goes through: candidates for the same place, one after another. */
export interface Completion {
  readonly candidates: readonly string[];
  readonly index: number;
  /** The text around the place. */
  readonly before: string;
  readonly after: string;
}

export interface Vocabulary {
  readonly commands: readonly string[];
  /** Names of channels, without `#`. */
  readonly channels: readonly string[];
  /** Names of people in this channel, as displayed. */
  readonly people: readonly string[];
  /** Channels and conversations that one can write to, as `#garden` and `@ben`. */
  readonly places: readonly string[];
  /** What waits for an answer, as `#garden` and `@ben`. */
  readonly requests: readonly string[];
  /** Paths that begin as one was written. */
  readonly paths: (written: string) => readonly string[];
}

/** A path may have spaces in it: it is all that follows. */
const TAKES_PATH = /^\/(?:file|save(?:\s+\d+)?)\s+/;

const TAKES_PLACE = /^\/(?:mute|forward(?:\s+\^\d+)?)\s+$/;
const TAKES_REQUEST = /^\/(?:accept|decline)\s+$/;
const TAKES_CHANNEL = /^\/(?:join|leave|switch)\s+#?$/;

const fold = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
const starting = (words: readonly string[], beginning: string): string[] => words.filter((word) => fold(word).startsWith(fold(beginning)));

/** Names that begin like a word, with their sign or without. */
function signed(names: readonly string[], word: string): string[] {
  return names.filter((name) => starting([name, name.slice(1)], word).length > 0).map((name) => `${name} `);
}

/** Candidates for the word that ends at the cursor. */
function candidates(before: string, word: string, vocabulary: Vocabulary): string[] {
  if (before === '' && word.startsWith('/')) return starting(vocabulary.commands, word).map((command) => `${command} `);
  if (TAKES_PLACE.test(before)) return signed(vocabulary.places, word);
  if (TAKES_REQUEST.test(before)) return signed(vocabulary.requests, word);
  if (TAKES_CHANNEL.test(before)) return starting(vocabulary.channels, word.replace(/^#/, '')).map((channel) => `#${channel} `);
  if (word.startsWith('#')) return starting(vocabulary.channels, word.slice(1)).map((channel) => `#${channel} `);
  if (word === '' && before !== '') return [];
  const name = word.startsWith('@') ? word.slice(1) : word;
  // Whoever is addressed at the beginning of a line is addressed by it.
  const end = before === '' ? ': ' : ' ';
  return starting(vocabulary.people, name).map((person) => `${safeText(person)}${end}`);
}

function editorWith({ candidates: words, index, before, after }: Completion): Editor {
  const text = before + (words[index] ?? '');
  return { text: text + after, at: text.length };
}

/** Completes the word before the cursor, or goes on to the next candidate. Undefined when nothing begins like it. */
export function complete(
  editor: Editor,
  previous: Completion | undefined,
  vocabulary: Vocabulary,
  step: 1 | -1,
): { editor: Editor; completion: Completion } | undefined {
  if (previous) {
    const count = previous.candidates.length;
    const completion = { ...previous, index: (previous.index + step + count) % count };
    return { editor: editorWith(completion), completion };
  }
  const left = editor.text.slice(0, editor.at);
  const path = TAKES_PATH.exec(left)?.[0];
  const word = path === undefined ? (/\S*$/.exec(left)?.[0] ?? '') : left.slice(path.length);
  const before = path ?? left.slice(0, left.length - word.length);
  const found = path === undefined ? candidates(before, word, vocabulary) : vocabulary.paths(word);
  if (found.length === 0) return undefined;
  const completion: Completion = {
    candidates: found,
    index: step === 1 ? 0 : found.length - 1,
    before,
    after: editor.text.slice(editor.at),
  };
  return { editor: editorWith(completion), completion };
}
