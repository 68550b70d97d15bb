import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HoldingLimits, Holdings } from './holdings.ts';
import { MAX_RANGES } from './seq-set.ts';

const LIMITS: HoldingLimits = { channelMessages: 30, channelBytes: 1000, senderMessages: 20, senderBytes: 700 };

interface Message {
  readonly seq: number;
  readonly bytes: number;
}

/** Forgets as long as there is too much, as `Trimming` does with what is on disk. Returns who lost how many. */
function trim(holdings: Holdings, disk: Map<string, Message[]>): Map<string, number> {
  const lost = new Map<string, number>();
  for (let excess = holdings.excess(LIMITS); excess; excess = holdings.excess(LIMITS)) {
    const { sender, messages, bytes } = excess;
    const kept = (disk.get(sender) ?? []).sort((a, b) => a.seq - b.seq);
    let [count, sum] = [0, 0];
    while (count < kept.length && (count < messages || sum < bytes)) sum += kept[count++]?.bytes ?? 0;
    expect(count).toBeGreaterThan(0);
    const gone = kept.splice(0, count);
    holdings.forget(sender, gone.at(-1)?.seq ?? 0, count, sum);
    lost.set(sender, (lost.get(sender) ?? 0) + count);
  }
  return lost;
}

describe('Holdings', () => {
  it('comes within its limits, and knows what is there', () => {
    const message = fc.record({ sender: fc.constantFrom('a', 'b', 'c'), bytes: fc.integer({ min: 1, max: 60 }) });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 120 }), (messages) => {
        const holdings = new Holdings();
        const disk = new Map<string, Message[]>();
        for (const [i, { sender, bytes }] of messages.entries()) {
          holdings.take(sender, i + 1, bytes).held.add(i + 1);
          disk.set(sender, [...(disk.get(sender) ?? []), { seq: i + 1, bytes }]);
          if (holdings.isOver(sender, LIMITS)) trim(holdings, disk);
          const all = [...disk.values()].flat();
          expect(holdings.messages).toBe(all.length);
          expect(holdings.bytes).toBe(all.reduce((sum, { bytes }) => sum + bytes, 0));
          expect(all.length).toBeLessThanOrEqual(LIMITS.channelMessages);
          expect(holdings.bytes).toBeLessThanOrEqual(LIMITS.channelBytes);
          for (const [id, kept] of disk) {
            expect(kept.length).toBeLessThanOrEqual(LIMITS.senderMessages);
            expect(holdings.of(id).from).toBe(kept[0]?.seq ?? holdings.of(id).held.highest + 1);
          }
        }
      }),
    );
  });

  it('spares small senders when a large one is too much', () => {
    const holdings = new Holdings();
    const disk = new Map<string, Message[]>();
    const write = (sender: string, count: number): void => {
      for (let seq = 1; seq <= count; seq++) {
        holdings.take(sender, seq, 1);
        disk.set(sender, [...(disk.get(sender) ?? []), { seq, bytes: 1 }]);
      }
    };
    write('small', 5);
    write('large', 20);
    write('other', 15);
    expect([...trim(holdings, disk)].sort()).toEqual([
      ['large', 8],
      ['other', 2],
    ]);
  });

  it('keeps the numbers of what it forgot, until there are too many gaps among them', () => {
    const holdings = new Holdings();
    for (let i = 1; i < MAX_RANGES; i++) holdings.take('a', 2 * i, 1).held.add(2 * i);
    const holding = holdings.forget('a', 10, 5, 5);
    expect(holding.taken.fits(1000)).toBe(true);
    expect([holding.floor, holding.from, holding.held.has(9), holding.held.has(13)]).toEqual([10, 12, true, false]);
    const few = new Holdings();
    for (const seq of [1, 3, 5]) few.take('a', seq, 1).held.add(seq);
    few.forget('a', 4, 2, 2);
    expect([few.of('a').held.has(2), few.of('a').held.has(3), few.of('a').from]).toEqual([false, true, 5]);
    expect(JSON.parse(JSON.stringify(few.of('a')))).toMatchObject({ floor: 4, messages: 1, bytes: 1 });
  });

  it('counts again what could not be deleted', () => {
    const holdings = new Holdings();
    holdings.take('a', 1, 50);
    holdings.forget('a', 1, 1, 50);
    holdings.restore('a', 1, 50);
    expect([holdings.messages, holdings.bytes, holdings.of('a').messages]).toEqual([1, 50, 1]);
    holdings.untake('a', 1, 50);
    expect([holdings.messages, holdings.bytes]).toEqual([0, 0]);
  });
});
