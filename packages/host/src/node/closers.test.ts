import { type Log, silentLog } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { Closers } from './closers.ts';

describe('what was opened', () => {
  it('is closed in reverse order, once, and all of it though one fails', async () => {
    const closers = new Closers();
    const closed: string[] = [];
    const errors: string[] = [];
    const log: Log = { ...silentLog, error: (message) => errors.push(message) };
    closers.add('the first', () => {
      closed.push('first');
    });
    closers.add('the second', async () => {
      closed.push('second');
      throw new Error('stuck');
    });
    closers.add('the third', async () => {
      closed.push('third');
    });
    expect(await Promise.all([closers.close(log), closers.close(log)])).toEqual([false, false]);
    expect(closed).toEqual(['third', 'second', 'first']);
    expect(errors).toEqual(['closing the second failed']);
  });

  it('is said to have closed well when it has', async () => {
    const closers = new Closers();
    closers.add('it', () => {});
    expect(await closers.close(silentLog)).toBe(true);
  });
});
