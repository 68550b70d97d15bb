import { describe, expect, it } from 'vitest';
import { Trials } from './trials.ts';

const trials = () => new Trials({ retryMs: 10, maxRetryMs: 70 });

describe('the next circuit to somebody', () => {
  it('is made at once after one that was of no use, and waits twice as long each time after that', () => {
    const of = trials();
    const waits: number[] = [];
    for (let i = 0; i < 6; i++) {
      of.inVain('ben', 0);
      waits.push([0, 10, 20, 40, 70].find((now) => of.mayTry('ben', now)) ?? -1);
    }
    expect(waits).toEqual([0, 10, 20, 40, 70, 70]);
    expect(of.mayTry('eve', 0)).toBe(true);
    of.useful('ben');
    expect(of.mayTry('ben', 0)).toBe(true);
  });

  it('is made when something has changed: where none could be made, or always', () => {
    const of = trials();
    of.unmade('ann', 0);
    for (let i = 0; i < 3; i++) of.inVain('ben', 0);
    of.afresh(false);
    expect([of.mayTry('ann', 0), of.mayTry('ben', 0)]).toEqual([true, false]);
    of.afresh(true);
    expect(of.mayTry('ben', 0)).toBe(true);
  });

  it('does without the hops of those of which nothing came, the latest first, until there is an answer', () => {
    const of = trials();
    for (let i = 0; i < 4; i++) of.shun('ben', ['a', 'b']);
    for (let i = 0; i < 20; i++) of.shun('ben', [`${i}`]);
    expect(of.shunned('ben')).toHaveLength(12);
    expect(of.shunned('ben')[0]).toBe('19');
    expect(of.shunned('eve')).toEqual([]);
    of.answered('ben');
    expect(of.shunned('ben')).toEqual([]);
  });
});
