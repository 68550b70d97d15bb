import { describe, expect, it } from 'vitest';
import { plainStyle } from '../text/style.ts';
import { circuitLines } from './status.ts';

const person = (name: string) => ({ node_id: `${name}-id`, display: name, present: true });

describe('the circuits of a node', () => {
  it('are said with the servers that they go through, and nothing is where none are wanted', () => {
    expect(circuitLines({ wanted: 0, standing: [] }, plainStyle)).toEqual([]);
    const lines = circuitLines(
      {
        wanted: 2,
        standing: [
          { to: person('ben'), hops: [person('s1'), person('s2\u001b[2J')], age_s: 3 },
          { hops: [person('s3')], age_s: 1 },
        ],
      },
      plainStyle,
    );
    expect(lines[0]).toBe('2 circuits over 2 servers');
    expect(lines[1]).toContain('to ben');
    expect(lines[1]).toContain('by s1, s2');
    expect(lines[2]).toContain('for lookups');
    expect(lines.join('')).not.toContain('\u001b');
  });

  it('are said to be missing, and why', () => {
    const lines = circuitLines({ wanted: 3, standing: [], trouble: 'fewer than 3 servers are known' }, plainStyle);
    expect(lines).toEqual(['0 circuits over 3 servers', expect.stringContaining('fewer than 3')]);
  });
});
