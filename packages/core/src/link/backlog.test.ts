import { describe, expect, it } from 'vitest';
import type { TrafficKind } from '../wire/verb.ts';
import { Backlog } from './backlog.ts';

function backlog(maxBytes: number) {
  const shed: TrafficKind[] = [];
  const made = new Backlog(maxBytes, (kind) => shed.push(kind));
  const all = (): string[] => {
    const taken: string[] = [];
    for (let next = made.take(); next !== undefined; next = made.take()) taken.push(next);
    return taken;
  };
  return { made, shed, all };
}

describe('a backlog', () => {
  it('gives the most urgent kind first, and each kind in order', () => {
    const { made, all } = backlog(1000);
    made.push('registry', 'r1');
    made.push('discovery', 'd1');
    made.push('broadcast', 'b1');
    made.push('discovery', 'd2');
    made.push('broadcast', 'b2');
    made.push('direct', 'm1');
    expect(made.bytes).toBe(12);
    expect(all()).toEqual(['m1', 'b1', 'b2', 'd1', 'd2', 'r1']);
    expect(made.bytes).toBe(0);
  });

  it('that is full gives up the least urgent first, its oldest first', () => {
    const { made, shed, all } = backlog(10);
    for (const json of ['r1', 'r2']) made.push('registry', json);
    made.push('discovery', 'd1');
    for (const json of ['b1', 'b2', 'b3']) expect(made.push('broadcast', json)).toBe(true);
    expect(shed).toEqual(['registry']);
    expect(made.push('broadcast', 'four')).toBe(true);
    expect(shed).toEqual(['registry', 'registry', 'discovery']);
    expect(made.push('broadcast', 'b5')).toBe(false);
    expect(made.push('registry', 'r3')).toBe(false);
    expect(shed.slice(3)).toEqual(['broadcast', 'registry']);
    expect(made.push('direct', 'm1')).toBe(true);
    expect(all()).toEqual(['m1', 'b2', 'b3', 'four']);
  });

  it('takes nothing that is longer than all of it', () => {
    const { made, shed } = backlog(10);
    expect(made.push('direct', 'eleven long')).toBe(false);
    expect(shed).toEqual(['direct']);
  });
});
