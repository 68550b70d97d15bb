import { describe, expect, it } from 'vitest';
import { type Choice, chooseHops, networksOf, type Prospect } from './choose.ts';

const at = (nodeId: string, ...networks: string[]): Prospect => ({ nodeId, networks });
const choose = (choice: Partial<Choice>): string[] | undefined =>
  chooseHops({ neighbours: [], servers: [], hops: 3, avoid: new Set(), doubtful: new Set(), random: () => 0, ...choice });

describe('the hops of a circuit', () => {
  const neighbours = [at('n1', 'a'), at('n2', 'b')];
  const servers = [...neighbours, at('s1', 'c'), at('s2', 'd'), at('s3', 'a')];

  it('begin with a neighbour, go on with others, and repeat nobody', () => {
    for (let seed = 0; seed < 50; seed++) {
      const random = () => ((seed * 7919) % 50) / 50;
      const [first, second, third] = choose({ neighbours, servers, random }) as [string, string, string];
      expect(['n1', 'n2']).toContain(first);
      expect(['s1', 's2', 's3']).toContain(second);
      expect(['s1', 's2', 's3']).toContain(third);
      expect(second).not.toBe(third);
    }
  });

  it('are in different networks, where there are such', () => {
    expect(choose({ neighbours: [at('n1', 'a')], servers: [at('x', 'a'), at('y', 'c'), at('z', 'c')], hops: 2 })?.[1]).toBe('y');
    expect(choose({ neighbours: [at('n1', 'a')], servers: [at('x', 'a')], hops: 2 })).toEqual(['n1', 'x']);
  });

  it('leave out whom it is for, and take who failed lately only where there is nobody else', () => {
    const avoid = new Set(['s1']);
    expect(choose({ neighbours: [at('n1')], servers: [at('s1'), at('s2')], hops: 2, avoid })).toEqual(['n1', 's2']);
    expect(choose({ neighbours: [at('s1')], servers, hops: 2, avoid })).toBeUndefined();
    const doubtful = new Set(['s2']);
    expect(choose({ neighbours: [at('n1', 'a')], servers: [at('s2'), at('s3', 'a')], hops: 2, doubtful })).toEqual(['n1', 's3']);
    expect(choose({ neighbours: [at('n1')], servers: [at('s2')], hops: 2, doubtful })).toEqual(['n1', 's2']);
  });

  it('are not fewer than were asked for: rather there is no circuit', () => {
    expect(choose({ neighbours, servers: neighbours, hops: 2 })).toHaveLength(2);
    expect(choose({ neighbours, servers: neighbours, hops: 3 })).toBeUndefined();
    expect(choose({ servers })).toBeUndefined();
  });
});

describe('the networks of endpoints', () => {
  it('are /24 and /48, and one for all names and for those of whom nothing is known', () => {
    const same = (...endpoints: string[]): number => networksOf(endpoints).length;
    expect(same('tls:192.0.2.1:4717', 'udp:192.0.2.200:1')).toBe(1);
    expect(same('tls:192.0.2.1:4717', 'tls:192.0.3.1:4717')).toBe(2);
    expect(same('tls:[2001:db8:1:2::1]:1', 'tls:[2001:db8:1:9::1]:1')).toBe(1);
    expect(same('tls:[2001:db8:1::1]:1', 'tls:[2001:db8:2::1]:1')).toBe(2);
    expect(networksOf(['wss:chat.example.org'])).toEqual(networksOf(['tls:another.example:1']));
    expect(networksOf([])).toEqual(networksOf(['wss:chat.example.org', 'no endpoint']));
  });
});
