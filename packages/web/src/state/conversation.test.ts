import type { Parley } from '@parley/browser';
import type { MessageView } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { createContext } from './context.ts';
import { openConversation, send } from './conversation.ts';
import { applyEvent } from './events.ts';
import { Keep } from './keep.ts';
import { message } from './testing.ts';

/** A node whose pages are answered when the test says so, as they were when they were asked for. */
class SlowNode {
  readonly sent: string[] = [];
  readonly #kept: MessageView[] = [];
  readonly #waiting: (() => void)[] = [];

  /** Answers whoever has waited longest. */
  answer(): void {
    this.#waiting.shift()?.();
  }

  async send(_channel: string, text: string): Promise<MessageView> {
    this.sent.push(text);
    const kept = message({ at: this.sent.length, own: true, text });
    this.#kept.push(kept);
    return kept;
  }

  messages(): Promise<MessageView[]> {
    const page = [...this.#kept];
    return new Promise((resolve) => this.#waiting.push(() => resolve(page)));
  }

  async members(): Promise<[]> {
    return [];
  }
}

function start() {
  const node = new SlowNode();
  const phase = { phase: 'running', leads: true } as const;
  const keep = new Keep({ getItem: () => null, setItem: () => {}, removeItem: () => {} });
  // Of all that a node does, what is asked of it here.
  const context = createContext({ node, phase } as unknown as Parley, keep, { view: 'home' });
  const texts = (): string[] => (context.store.get().timelines.c?.messages ?? []).map(({ text }) => text);
  return { node, context, texts };
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

describe('a conversation that is being loaded', () => {
  it('hands messages to the node in the order in which they were written, and shows each', async () => {
    const { node, context, texts } = start();
    const opening = openConversation(context, 'c');
    const first = send(context, 'c', 'one');
    await turns();
    node.answer();
    await opening;
    const second = send(context, 'c', 'two');
    await turns();
    node.answer();
    await Promise.all([first, second]);
    expect(node.sent).toEqual(['one', 'two']);
    expect(texts()).toEqual(['one', 'two']);
  });

  it('shows what comes in the meantime', async () => {
    const { node, context, texts } = start();
    const opening = openConversation(context, 'c');
    const event = { event: 'message', message: message({ at: 5, sender: 'bob', text: 'hello' }), own: false, late: false } as const;
    context.store.update((state) => applyEvent(state, event));
    await turns();
    node.answer();
    await opening;
    expect(texts()).toEqual(['hello']);
  });
});
