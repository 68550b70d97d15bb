import { describe, expect, it } from 'vitest';
import { rejoinDefaults } from './config.ts';
import { ContactMemory, keyOf } from './memory.ts';

const DAY = 24 * 60 * 60_000;
const NOW = 1000 * DAY;
const id = (n: number): string => `00000000-0000-8000-8000-${n.toString(16).padStart(12, '0')}`;
const hostOf = ({ address }: { address: string }): string => address.slice(0, address.lastIndexOf(':'));

function memory(limits: Partial<typeof rejoinDefaults> = {}): ContactMemory {
  return new ContactMemory({ ...rejoinDefaults, ...limits }, hostOf);
}

const order = (kept: ContactMemory): string[] => kept.ranked(() => 0).map(({ address }) => address);

describe('the memory of contacts', () => {
  it('tries first what answered last, then what never did, and what failed behind its like', () => {
    const kept = memory();
    kept.heard('tls', 'heard:1', id(1), NOW);
    kept.answered('tls', 'early:1', id(2), NOW - 10);
    kept.answered('tls', 'late:1', id(3), NOW - 5);
    kept.answered('tls', 'shaky:1', id(4), NOW);
    kept.failed('tls', 'shaky:1', NOW);
    expect(order(kept)).toEqual(['late:1', 'early:1', 'shaky:1', 'heard:1']);
    kept.answered('tls', 'shaky:1', id(4), NOW + 1);
    expect(order(kept)[0]).toBe('shaky:1');
  });

  it('keeps few of what one host says of itself, and gives up none that answered for it', () => {
    const kept = memory({ capacity: 20 });
    for (let i = 0; i < 15; i++) kept.answered('tls', `good${i}:1`, id(i), NOW);
    for (let i = 0; i < 5000; i++) kept.heard('tls', `evil:${i + 1}`, id(1000 + i), NOW + i);
    expect(kept.all().filter((entry) => hostOf(entry) === 'evil')).toHaveLength(4);
    for (let i = 0; i < 5000; i++) kept.heard('tls', `evil${i}:1`, id(1000 + i), NOW + i);
    expect(kept.size).toBe(20);
    expect(kept.all().filter(({ succeeded }) => succeeded > 0)).toHaveLength(15);
  });

  it('says when another node answers than the one it knew', () => {
    const kept = memory();
    expect(kept.answered('tls', 'a:1', id(1), NOW)).toBe(true);
    expect(kept.answered('tls', 'a:1', id(1), NOW + 1)).toBe(true);
    expect(kept.answered('tls', 'a:1', id(2), NOW + 2)).toBe(false);
    expect(kept.all()[0]).toMatchObject({ nodeId: id(2), successes: 1 });
    // What somebody says does not change who answered.
    kept.heard('tls', 'a:1', id(3), NOW + 3);
    expect(kept.all()[0]?.nodeId).toBe(id(2));
  });

  it('forgets what never answers soon, and what did only after a month', () => {
    const kept = memory();
    kept.heard('tls', 'never:1', id(1), NOW);
    kept.answered('tls', 'once:1', id(2), NOW);
    for (let i = 0; i < 20; i++) for (const address of ['never:1', 'once:1']) kept.failed('tls', address, NOW + DAY);
    expect(order(kept)).toEqual(['once:1']);
    kept.failed('tls', 'once:1', NOW + 31 * DAY);
    expect(kept.size).toBe(0);
  });

  it('comes back from the store, without what is damaged or old', () => {
    const kept = memory();
    kept.answered('ws', 'wss://chat.example.org', id(1), NOW);
    kept.heard('tls', '203.0.113.5:4717', id(2), NOW);
    const written = kept.takeChanges();
    expect(kept.takeChanges().size).toBe(0);
    const again = memory();
    for (const [key, value] of written) expect(again.restore(key, value ?? '', NOW)).toBe(true);
    expect(again.all()).toEqual(kept.all());
    expect(again.takeChanges().size).toBe(0);
    for (const value of ['', '{}', '[]', '["x",1,1,1,1]', `["${id(1)}",1,1,1]`, `["${id(1)}",-1,0,0,0]`, `["${id(1)}","1",0,0,0]`]) {
      expect(again.restore('tls:x:1', value, NOW), value).toBe(false);
    }
    expect(again.restore('tls:old:1', JSON.stringify([id(1), NOW - 31 * DAY, 0, 0, 0]), NOW)).toBe(false);
    expect([...again.takeChanges().entries()]).toEqual([
      ['tls:x:1', undefined],
      ['tls:old:1', undefined],
    ]);
    expect(keyOf({ transport: 'tls', address: 'x:1' })).toBe('tls:x:1');
  });
});
