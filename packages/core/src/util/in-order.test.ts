import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPromise } from './awaitable.ts';
import { inOrder } from './in-order.ts';

/** After all that is under way in promises. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('inOrder', () => {
  it('answers at once while nothing is owed', () => {
    const ask = inOrder((value: number) => value * 2);
    expect([ask(1), ask(2)]).toEqual([2, 4]);
  });

  it('lets what is ready wait for what is owed, and answers at once again after it', async () => {
    const owed: ((value: string) => void)[] = [];
    const ask = inOrder((value: string) => (value === 'late' ? new Promise<string>((resolve) => owed.push(resolve)) : value));
    const told: string[] = [];
    for (const value of ['late', 'early', 'late', 'last']) void Promise.resolve(ask(value)).then((answer) => told.push(answer));
    owed[1]?.('second late');
    await settled();
    expect(told).toEqual([]);
    owed[0]?.('first late');
    await settled();
    expect(told).toEqual(['first late', 'early', 'second late', 'last']);
    expect(ask('now')).toBe('now');
  });

  it('goes on behind one that fails, and fails in its turn', async () => {
    const ask = inOrder(async (value: string) => {
      if (value === 'bad') throw new Error('bad');
      return value;
    });
    const told: string[] = [];
    const note = (value: string): void => {
      Promise.resolve(ask(value)).then(
        (answer) => told.push(answer),
        (error: Error) => told.push(`failed: ${error.message}`),
      );
    };
    for (const value of ['one', 'bad', 'two', 'bad']) note(value);
    await settled();
    expect(told).toEqual(['one', 'failed: bad', 'two', 'failed: bad']);
  });

  it('keeps the order of any mix, and forgets nobody', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(fc.nat({ max: 5 }), { nil: undefined }), { maxLength: 30 }), async (delays) => {
        const ask = inOrder((at: number, turns: number | undefined) => {
          if (turns === undefined) return at;
          let answer = Promise.resolve(at);
          for (let turn = 0; turn < turns; turn++) answer = answer.then((value) => value);
          return answer;
        });
        const told: number[] = [];
        const all = delays.map((turns, at) => {
          const answer = ask(at, turns);
          if (!isPromise(answer)) told.push(answer);
          return isPromise(answer) ? answer.then((value) => told.push(value)) : undefined;
        });
        await Promise.all(all);
        expect(told).toEqual(delays.map((_, at) => at));
      }),
    );
  });
});
