import type { Parley } from '@parley/browser';
import type { MessageView } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { createContext } from './context.ts';
import { Keep } from './keep.ts';
import { search, searchAgain } from './search.ts';
import { message } from './testing.ts';

interface Asked {
  readonly channel: string | undefined;
  readonly answer: (...texts: string[]) => Promise<void>;
}

function start() {
  const asked: Asked[] = [];
  const node = {
    search: (_query: string, { channel }: { channel?: string }) =>
      new Promise<MessageView[]>((resolve) =>
        asked.push({
          channel,
          answer: async (...texts) => {
            resolve(texts.map((text, at) => message({ at, text })));
            for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
          },
        }),
      ),
  };
  const keep = new Keep({ getItem: () => null, setItem: () => {}, removeItem: () => {} });
  // Of all that a node does, what is asked of it here.
  const context = createContext({ node, phase: { phase: 'running', leads: true } } as unknown as Parley, keep, { view: 'search' });
  const found = (): string[] | undefined => context.store.get().search.results?.map(({ text }) => text);
  return { asked, context, found, busy: () => context.store.get().search.busy };
}

describe('a search', () => {
  it('in all channels is answered after one in a single channel', async () => {
    const { asked, context, found, busy } = start();
    void search(context, 'two', 'c');
    await asked[0]?.answer();
    void search(context, 'two', undefined);
    await asked[1]?.answer('Two');
    expect(asked.map(({ channel }) => channel)).toEqual(['c', undefined]);
    expect([found(), busy()]).toEqual([['Two'], false]);
  });

  it('shows what was answered to the latest question alone', async () => {
    const { asked, context, found, busy } = start();
    for (const query of ['t', 'two', 't']) void search(context, query, undefined);
    await asked[2]?.answer('ten', 'two');
    await asked[0]?.answer('ten');
    await asked[1]?.answer();
    expect([found(), busy()]).toEqual([['ten', 'two'], false]);
    void search(context, 'two', undefined);
    void search(context, '', undefined);
    await asked[3]?.answer('two');
    expect([found(), busy()]).toEqual([undefined, false]);
  });

  it('is repeated for what came since, with what was found in sight', async () => {
    const { asked, context, found, busy } = start();
    void search(context, 'two', 'c');
    await asked[0]?.answer();
    void searchAgain(context);
    expect([found(), busy()]).toEqual([[], false]);
    await asked[1]?.answer('Two');
    expect([asked[1]?.channel, found()]).toEqual(['c', ['Two']]);

    context.store.update((state) => ({ ...state, route: { view: 'home' } }));
    void searchAgain(context);
    expect(asked).toHaveLength(2);
  });
});
