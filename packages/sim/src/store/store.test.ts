import type { StoreWrite } from '@parley/core';
import { MemoryDrive, VirtualClock } from '@parley/sim';
import { describe, expect, it } from 'vitest';

const tables = [{ name: 't' }];
const put = (key: string, value = key): StoreWrite[] => [{ op: 'put', table: 't', key, value }];

function outcome(promise: Promise<unknown>): { state: string } {
  const seen = { state: 'pending' };
  promise.then(
    () => {
      seen.state = 'done';
    },
    (error: { code: string }) => {
      seen.state = error.code;
    },
  );
  return seen;
}

describe('MemoryStore', () => {
  it('commits what came in one instant as one group, and what came meanwhile as the next', async () => {
    const clock = new VirtualClock();
    const drive = new MemoryDrive({ clock, commitMs: 5 });
    const store = drive.open(tables);
    const first = ['a', 'b', 'c'].map((key) => outcome(store.commit(put(key))));
    await clock.advance(2);
    const second = ['d', 'e'].map((key) => outcome(store.commit(put(key))));
    await clock.advance(2);
    expect([...first, ...second].map(({ state }) => state)).toEqual(Array(5).fill('pending'));
    expect(await store.count('t')).toBe(0);
    await clock.advance(1);
    expect([drive.groups, await store.count('t')]).toEqual([1, 3]);
    expect(first.map(({ state }) => state)).toEqual(Array(3).fill('done'));
    await clock.advance(5);
    expect([drive.groups, await store.count('t')]).toEqual([2, 5]);
    expect(second.map(({ state }) => state)).toEqual(['done', 'done']);
  });

  it('loses in a crash what was not committed, and keeps the rest', async () => {
    const clock = new VirtualClock();
    const drive = new MemoryDrive({ clock, commitMs: 5 });
    const store = drive.open(tables);
    await clock.until(store.commit(put('kept')));
    const lost = outcome(store.commit(put('lost')));
    await clock.advance(2);
    drive.crash();
    await clock.advance(1000);
    expect(lost.state).toBe('pending');
    await expect(store.get('t', 'kept')).rejects.toMatchObject({ code: 'closed' });
    const again = drive.open(tables);
    expect(await again.range('t')).toEqual([{ key: 'kept', value: 'kept' }]);
  });

  it('can crash between the writing and the answer', async () => {
    const clock = new VirtualClock();
    const drive = new MemoryDrive({ clock, commitMs: 5 });
    const store = drive.open(tables);
    const unanswered = outcome(store.commit(put('written')));
    await clock.advance(2);
    const lost = outcome(store.commit(put('lost')));
    drive.crash({ written: true });
    await clock.advance(1000);
    expect([unanswered.state, lost.state]).toEqual(['pending', 'pending']);
    expect((await drive.open(tables).range('t')).map(({ key }) => key)).toEqual(['written']);
  });

  it('fails a group as a whole when it is told to, and writes nothing of it', async () => {
    const clock = new VirtualClock();
    const drive = new MemoryDrive({ clock });
    const store = drive.open(tables);
    drive.fail('storage-full');
    const failed = [outcome(store.commit(put('a'))), outcome(store.commit(put('b')))];
    await clock.advance(10);
    expect(failed.map(({ state }) => state)).toEqual(['storage-full', 'storage-full']);
    expect(await store.count('t')).toBe(0);
    await clock.until(store.commit(put('c')));
    drive.fail('storage', Number.POSITIVE_INFINITY);
    for (const key of ['d', 'e']) await expect(clock.until(store.commit(put(key)))).rejects.toMatchObject({ code: 'storage' });
    drive.mend();
    await clock.until(store.commit(put('f')));
    expect((await store.range('t')).map(({ key }) => key)).toEqual(['c', 'f']);
  });

  it('is full above its capacity, and has room again after deletions', async () => {
    const drive = new MemoryDrive({ capacityBytes: 1000 });
    const store = drive.open(tables);
    await store.commit(put('a', 'x'.repeat(600)));
    await expect(store.commit(put('b', 'x'.repeat(600)))).rejects.toMatchObject({ code: 'storage-full' });
    const together = [outcome(store.commit(put('b', 'x'.repeat(600)))), outcome(store.commit(put('c', 'x'.repeat(100))))];
    await store.commit([{ op: 'delete', table: 't', key: 'a' }]);
    expect(together.map(({ state }) => state)).toEqual(['storage-full', 'done']);
    await store.commit([{ op: 'delete', table: 't', key: 'c' }]);
    await store.commit(put('b', 'x'.repeat(600)));
    expect(store.size()).toBe(600 + 1 + 16);
  });

  it('can be slow', async () => {
    const clock = new VirtualClock();
    const drive = new MemoryDrive({ clock, commitMs: 1 });
    const store = drive.open(tables);
    drive.slow(99);
    await clock.until(store.commit(put('a')));
    expect(clock.monotonic()).toBe(100);
  });

  it('works without a clock, in groups too', async () => {
    const drive = new MemoryDrive();
    const store = drive.open(tables);
    await Promise.all(Array.from({ length: 100 }, (_, i) => store.commit(put(String(i)))));
    expect([drive.groups, await store.count('t')]).toEqual([1, 100]);
  });
});
