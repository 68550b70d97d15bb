import { describe, expect, it } from 'vitest';
import { type Completion, complete, type Vocabulary } from './complete.ts';
import { type Editor, editorOf } from './editor.ts';

const vocabulary: Vocabulary = {
  commands: ['/help', '/join', '/leave'],
  channels: ['lobby', 'garden', 'Gärtnerei'],
  people: ['bob#1a2b', 'Béatrice#3c4d', 'bert#5e6f'],
  paths: (written) => ['~/a plan.png', '~/a plot/'].filter((path) => path.startsWith(written)),
  requests: ['@carol', '#hideout'],
  places: ['#garden', '#lobby', '@Béa', '@ben'],
};

function tab(editor: Editor, times = 1, step: 1 | -1 = 1): string | undefined {
  let completion: Completion | undefined;
  let current = editor;
  for (let i = 0; i < times; i++) {
    const found = complete(current, completion, vocabulary, step);
    if (!found) return undefined;
    ({ editor: current, completion } = found);
  }
  return `${current.text.slice(0, current.at)}|${current.text.slice(current.at)}`;
}

describe('complete', () => {
  it.each([
    ['a command', '/j', '/join |'],
    ['a channel after /join', '/join ga', '/join #garden |'],
    ['a channel by its sign', 'see #lo', 'see #lobby |'],
    ['where a message is forwarded to', '/forward ga', '/forward #garden |'],
    ['where a file is, with spaces in it', '/file ~/a p', '/file ~/a plan.png|'],
    ['where a file is saved', '/save ~/a plo', '/save ~/a plot/|'],
    ['where one by its number is', '/save 12 ~/a plo', '/save 12 ~/a plot/|'],
    ['what is muted', '/mute @b', '/mute @Béa |'],
    ['which one to a contact', '/forward ^2 @be', '/forward ^2 @Béa |'],
    ['a contact without the sign', '/forward ben', '/forward @ben |'],
    ['who asks', '/accept ca', '/accept @carol |'],
    ['an invitation', '/decline #', '/decline #hideout |'],
    ['who is addressed', 'bob', 'bob#1a2b: |'],
    ['a name within the text', 'ask bob', 'ask bob#1a2b |'],
    ['a name after @', 'ask @bo', 'ask bob#1a2b |'],
    ['a name without its accents', 'beat', 'Béatrice#3c4d: |'],
  ])('%s', (_, text, completed) => {
    expect(tab(editorOf(text))).toBe(completed);
  });

  it('goes round all candidates, in either direction', () => {
    expect([1, 2, 3, 4].map((times) => tab(editorOf('b'), times))).toEqual([
      'bob#1a2b: |',
      'Béatrice#3c4d: |',
      'bert#5e6f: |',
      'bob#1a2b: |',
    ]);
    expect(tab(editorOf('b'), 1, -1)).toBe('bert#5e6f: |');
    expect(tab(editorOf('/join '), 3)).toBe('/join #Gärtnerei |');
    expect([1, 4, 5].map((times) => tab(editorOf('/forward '), times))).toEqual([
      '/forward #garden |',
      '/forward @ben |',
      '/forward #garden |',
    ]);
  });

  it('keeps what follows the cursor', () => {
    expect(tab({ text: 'ask bo about it', at: 6 })).toBe('ask bob#1a2b | about it');
  });

  it.each(['zebra', '/quux', 'say ', '#nowhere'])('has nothing for %s', (text) => {
    expect(tab(editorOf(text))).toBeUndefined();
  });
});
