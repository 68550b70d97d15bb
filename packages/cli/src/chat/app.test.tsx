import fc from 'fast-check';
import { cleanup, render } from 'ink-testing-library';
import { afterEach, describe, expect, it } from 'vitest';
import { ChatScreen } from './app.tsx';
import { chatState, message, NOON, person } from './fixtures.ts';
import { frame } from './frame.ts';
import { press } from './press.ts';
import { type Row, rowWidth } from './rows.ts';
import type { ChatState } from './state.ts';
import { apply, update } from './update.ts';

afterEach(cleanup);

function screen(state: ChatState): string[] {
  const { lastFrame, unmount } = render(<ChatScreen state={state} />);
  const frame = lastFrame() ?? '';
  unmount();
  return frame.split('\n');
}

const size = (state: ChatState, columns: number, rows: number): ChatState => update(state, { type: 'resized', columns, rows }).state;

const conversation = [
  message(1, { text: 'The beans are up.' }),
  message(2, { from: 'alice', text: 'And the tomatoes?', delivery: { state: 'delivered', recipients: [] } }),
  message(3, { from: 'alice', text: 'Did they survive the night?', delivery: { state: 'stored', recipients: [] } }),
  message(4, {
    from: 'alice',
    text: 'Hello?',
    delivery: { state: 'failed', recipients: [{ node_id: 'bob-id', display: 'bob#1a2b', state: 'failed', reason: 'no way there' }] },
  }),
];

describe('the screen', () => {
  it('of a wide terminal has channels, people, messages and where they stand', () => {
    const state = apply(chatState(conversation), { event: 'message', message: message(9, { channel_id: 'id-garden' }), late: false }).state;
    expect(screen(size(state, 90, 16)).join('\n')).toMatchInlineSnapshot(`
      " CHANNELS             │ #lobby                                                2 here of 2
       #garden            1 │
       #lobby               │
                            │
       HERE 2 of 2          │
       ● alice#1a2b         │
       ● bob#1a2b           │ This is where #lobby begins for you.
                            │ ───────────────────── Tuesday, 4 March 2025 ─────────────────────
                            │ 12:01            bob#1a2b  The beans are up.
                            │ 12:02 ✓✓       alice#1a2b  And the tomatoes?
                            │ 12:03 ◷                    Did they survive the night?
                            │ 12:04 ✗                    Hello?
                            │                            not delivered to bob#1a2b: no way
                            │                            there
       alice#1a2b  ● online, 1 link                                                       /help
       › Write to #lobby"
    `);
  });

  it('of a middling terminal has no people, and of a small one messages alone', () => {
    const state = chatState(conversation);
    expect(screen(size(state, 64, 12)).join('\n')).toMatchInlineSnapshot(`
      " CHANNELS     │ #lobby                              2 here of 2
       #garden      │ This is where #lobby begins for you.
       #lobby       │ ──────────── Tuesday, 4 March 2025 ────────────
                    │ bob#1a2b  12:01
                    │    The beans are up.
                    │ alice#1a2b  12:02
                    │ ✓✓ And the tomatoes?
                    │ ◷  Did they survive the night?
                    │ ✗  Hello?
                    │    not delivered to bob#1a2b: no way there
       alice#1a2b  ● online, 1 link                             /help
       › Write to #lobby"
    `);
    expect(screen(size(state, 34, 8)).join('\n')).toMatchInlineSnapshot(`
      " alice#1a2b  12:02
       ✓✓ And the tomatoes?
       ◷  Did they survive the night?
       ✗  Hello?
          not delivered to bob#1a2b: no
          way there
       alice#1a2b  ● online, 1 link
       › Write to #lobby"
    `);
  });

  it('says what is missing', () => {
    const state = apply(chatState(conversation), { event: 'gap', channel_id: 'id-lobby', sender: person('bob'), from: 5, to: 6 }).state;
    expect(screen(state).join('\n')).toContain('2 messages of bob#1a2b have not arrived yet');
  });

  it('parts days, and what is new', () => {
    const day = 24 * 60 * 60_000;
    const state = chatState([message(1), message(2, { at: NOON + day })]);
    expect(screen(state).filter((line) => line.includes('───'))).toHaveLength(2);
    const news = { ...state, channels: state.channels.map((channel) => ({ ...channel, readUpTo: 'bob-1' })) };
    expect(screen(news).some((line) => line.includes(' new '))).toBe(true);
  });

  it('says that the node does not run', () => {
    expect(screen(update(chatState(), { type: 'disconnected', why: 'gone' }).state).join('\n')).toContain('the node does not run');
  });

  it('helps who is in no channel', () => {
    expect(screen({ ...chatState(), channels: [], active: undefined }).join('\n')).toContain('/create NAME');
  });

  it('shows what is being written, in as many rows as it takes', () => {
    const { state } = press(chatState(), { key: 'paste', text: 'one\ntwo\nthree' });
    expect(
      screen(state)
        .slice(-3)
        .map((line) => line.trim()),
    ).toEqual(['› one', 'two', 'three']);
  });
});

describe('on any terminal, with any message', () => {
  const anyText = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.string({ unit: 'grapheme', maxLength: 100 }),
    fc.constantFrom(
      '\u001b[2J\u001b[H',
      '日本語'.repeat(50),
      `h${'\u0301'.repeat(500)}`,
      '│'.repeat(80),
      '\n'.repeat(200),
      'नमस्ते '.repeat(20),
      '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}'.repeat(30),
    ),
  );

  it('every row fits, there is one for each row of the terminal, and nothing acts on it', () => {
    fc.assert(
      fc.property(anyText, anyText, fc.integer({ min: 1, max: 140 }), fc.integer({ min: 1, max: 40 }), (text, name, columns, rows) => {
        const sender = { ...person('bob'), name, display: `${name}#1a2b` };
        const state = size(chatState([message(1, { text, sender }), ...conversation]), columns, rows);
        const written = press(state, { key: 'paste', text }).state;
        const lines = screen(written);
        expect(lines).toHaveLength(rows);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
        expect(lines.join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
        const { geometry, side, pane, header, status } = frame(written);
        const widest = (parts: readonly Row[]): number => Math.max(0, ...parts.map(rowWidth));
        expect(side.every((row) => rowWidth(row) === geometry.side)).toBe(true);
        expect(widest([header, status])).toBeLessThanOrEqual(columns);
        expect(widest(pane)).toBeLessThanOrEqual(geometry.paneWidth);
      }),
      { numRuns: 150 },
    );
  });
});
