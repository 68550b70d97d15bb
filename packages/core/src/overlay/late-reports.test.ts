import { describe, expect, it } from 'vitest';
import type { Message } from '../wire/message.ts';
import { LateReports } from './late-reports.ts';

const report = (id: number) => ({
  message: { msg_type: 'RECEIPT', ttl: 2, flood: false, msg_data: { id } } as unknown as Message,
  from: 'n',
});
const long = (id: number) => ({ ...report(id), message: { ...report(id).message, pad: 'x'.repeat(60_000) } as unknown as Message });
const ids = (reports: readonly { readonly message: Message }[]): unknown[] => reports.map(({ message }) => message.msg_data.id);

describe('late reports', () => {
  it('are given back once, in order, while they are fresh', () => {
    const late = new LateReports(1000);
    late.hold('a', report(1), 0);
    late.hold('a', report(2), 500);
    late.hold('b', report(3), 500);
    expect(ids(late.take('a', 999))).toEqual([1, 2]);
    expect(late.take('a', 999)).toEqual([]);
    expect(late.take('b', 1500)).toEqual([]);
  });

  it('are bounded: the oldest of a destination go first', () => {
    const late = new LateReports(1000);
    for (let id = 0; id < 100; id++) late.hold('a', report(id), 0);
    expect(ids(late.take('a', 1))).toEqual(Array.from({ length: 32 }, (_, at) => 68 + at));
    for (let id = 0; id < 2000; id++) late.hold(`to ${id}`, report(id), 0);
    expect(late.take('to 999', 1)).toEqual([]);
    expect(ids(late.take('to 1000', 1))).toEqual([1000]);
  });

  it('are bounded in bytes too, for one destination and for all', () => {
    const late = new LateReports(1000);
    for (let id = 0; id < 200; id++) late.hold(`to ${id}`, long(id), 0);
    const kept = Array.from({ length: 200 }, (_, id) => late.take(`to ${id}`, 1).length);
    expect(kept.reduce((sum, count) => sum + count)).toBeLessThan(100);
    expect(kept.at(-1)).toBe(1);
    for (let id = 0; id < 32; id++) late.hold('a', long(id), 0);
    expect(ids(late.take('a', 1)).at(-1)).toBe(31);
  });
});
