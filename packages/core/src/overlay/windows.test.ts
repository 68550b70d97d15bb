import { describe, expect, it } from 'vitest';
import { type Held, newHeld } from './held.ts';
import { circuitName } from './own-circuits.ts';
import { type Copy, Windows } from './windows.ts';

function held(msgId: string, about: Partial<Held> = {}): Held {
  return newHeld({ uid: msgId, key: msgId, type: 'MESSAGE', origin: 'o', msgId, bytes: 100, at: 0, proved: true, ...about });
}

/** Sends all that the window lets go at a time. */
function fly(windows: Windows, neighbour: string, now: number): Copy[] {
  const sent: Copy[] = [];
  for (let copy = windows.next(neighbour); copy; copy = windows.next(neighbour)) {
    copy.sentAt = now;
    sent.push(copy);
  }
  return sent;
}

const ids = (copies: readonly Copy[]): string[] => copies.map((copy) => copy.held.msgId);
const room = { windowMessages: 100, windowBytes: 1_000_000, circuitWindowBytes: 250 };

describe('a window', () => {
  it('lets so many messages and bytes go without an ACK, in order, and one however long', () => {
    const windows = new Windows({ ...room, windowMessages: 2, windowBytes: 250 });
    for (const id of ['a', 'b', 'c', 'd']) windows.push('n', held(id), []);
    windows.push('n', held('e', { bytes: 1000 }), []);
    const [a, b] = fly(windows, 'n', 0) as [Copy, Copy];
    expect(ids([a, b])).toEqual(['a', 'b']);
    windows.land(a);
    expect(ids(fly(windows, 'n', 0))).toEqual(['c']);
    windows.land(b);
    const [c] = [windows.find('n', 'c', 'o')] as [Copy];
    windows.land(c);
    expect(ids(fly(windows, 'n', 0))).toEqual(['d', 'e']);
    expect(windows.queued + windows.flying).toBe(2);
  });

  it('lets fewer bytes go by a circuit', () => {
    const windows = new Windows(room);
    for (const way of ['n', circuitName('x')]) {
      for (const id of ['a', 'b', 'c', 'd']) windows.push(way, held(id), []);
      expect(fly(windows, way, 0)).toHaveLength(way === 'n' ? 4 : 3);
    }
  });

  it('finds the copy that an ACK is about, by origin where it is named', () => {
    const windows = new Windows(room);
    windows.push('n', held('a', { origin: 'x', uid: '1' }), []);
    windows.push('n', held('a', { origin: 'y', uid: '2' }), []);
    fly(windows, 'n', 0);
    expect(windows.find('n', 'a', 'y')?.held.uid).toBe('2');
    expect(windows.find('n', 'a', undefined)?.held.uid).toBe('1');
    expect(windows.find('n', 'a', 'z')).toBeUndefined();
    expect(windows.find('m', 'a', 'x')).toBeUndefined();
  });

  it('sends of two messages that an ACK cannot tell apart one at a time', () => {
    const windows = new Windows(room);
    windows.push('n', held('a', { uid: 'true' }), []);
    windows.push('n', held('a', { uid: 'altered' }), []);
    windows.push('n', held('b'), []);
    const [first] = fly(windows, 'n', 0) as [Copy];
    expect(windows.flying).toBe(2);
    windows.land(first);
    expect(fly(windows, 'n', 0).map((copy) => copy.held.uid)).toEqual(['altered']);
  });

  it('does not look through all that it cannot tell apart while others go', () => {
    const windows = new Windows({ ...room, windowMessages: 1000, windowBytes: 1_000_000 });
    let reads = 0;
    for (let i = 0; i < 300; i++) {
      const altered = {
        ...held('a', { uid: `${i}` }),
        get msgId() {
          reads++;
          return 'a';
        },
      };
      windows.push('n', altered, []);
    }
    for (let i = 0; i < 300; i++) windows.push('n', held(`other ${i}`), []);
    expect(fly(windows, 'n', 0)).toHaveLength(301);
    expect(reads).toBeLessThan(300 * 20);
    expect(windows.queued).toBe(299);
    const again: string[] = [];
    for (let copy = windows.find('n', 'a', 'o'); copy; copy = windows.next('n')) {
      again.push(copy.held.uid);
      windows.land(copy);
      if (again.length === 250) break;
    }
    expect(again).toEqual(Array.from({ length: 250 }, (_, i) => `${i}`));
    expect(windows.drop('n')).toHaveLength(350);
  });

  it('gives back everything for a neighbour that is gone, in order', () => {
    const windows = new Windows({ ...room, windowMessages: 2, windowBytes: 1000 });
    for (const id of ['a', 'b', 'c']) windows.push('n', held(id), []);
    windows.push('m', held('z'), []);
    fly(windows, 'n', 0);
    expect(ids(windows.drop('n'))).toEqual(['a', 'b', 'c']);
    expect(windows.drop('n')).toEqual([]);
    expect(windows.queued).toBe(1);
  });
});

describe('silence', () => {
  it('is a copy that nothing answers until the deadline', () => {
    const windows = new Windows(room);
    windows.push('n', held('a'), []);
    fly(windows, 'n', 0);
    windows.push('n', held('b'), []);
    fly(windows, 'n', 1000);
    expect(windows.overdue('n', -1)).toEqual([]);
    expect(ids(windows.overdue('n', 0))).toEqual(['a']);
    expect(ids(windows.overdue('n', 1000))).toEqual(['a', 'b']);
    expect(windows.overdue('m', 1000)).toEqual([]);
  });

  it('is none while a slow link acknowledges one after the other', () => {
    const windows = new Windows(room);
    for (const id of ['a', 'b', 'c', 'd']) windows.push('n', held(id), []);
    const [a, b] = fly(windows, 'n', 0) as [Copy, Copy];
    windows.acknowledged(a, 1900);
    windows.land(a);
    expect(windows.overdue('n', 100)).toEqual([]);
    windows.acknowledged(b, 3800);
    windows.land(b);
    expect(windows.overdue('n', 2000)).toEqual([]);
    // Nothing for two seconds more.
    expect(ids(windows.overdue('n', 3800))).toEqual(['c', 'd']);
  });

  it('is it for one that was passed over, though others are acknowledged', () => {
    const windows = new Windows(room);
    for (const id of ['a', 'b', 'c']) windows.push('n', held(id), []);
    const [, b] = fly(windows, 'n', 0) as [Copy, Copy];
    windows.acknowledged(b, 1900);
    windows.land(b);
    expect(ids(windows.overdue('n', 100))).toEqual(['a']);
  });
});
