import { MemoryDrive } from '@parley/sim';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../ports/log.ts';
import type { Store } from '../ports/store.ts';
import { CustodyStore, custodyTables } from './custody-store.ts';
import { newHeld } from './held.ts';

const KIB = 1024;

/** A store that tells how many bytes were read at once at most. */
function weighed(store: Store): { store: Store; most: () => number } {
  let most = 0;
  const range: Store['range'] = async (...about) => {
    const rows = await store.range(...about);
    most = Math.max(
      most,
      rows.reduce((sum, { value }) => sum + value.length, 0),
    );
    return rows;
  };
  return { store: { ...store, get: store.get.bind(store), commit: store.commit.bind(store), range }, most: () => most };
}

describe('held messages on disk', () => {
  it('are read back a few at a time: strangers may have left the longest that there can be', async () => {
    const drive = new MemoryDrive().open(custodyTables);
    const before = new CustodyStore(drive, silentLog, 0);
    const body = `{"padding":"${'x'.repeat(100 * KIB)}"}`;
    const keys = Array.from({ length: 100 }, (_, i) => `key ${String(i).padStart(4, '0')}`);
    for (const key of keys) {
      const held = newHeld({ uid: key, key, type: 'SEALED', origin: 'o', msgId: key, bytes: body.length, at: 0 });
      await drive.commit(before.put(held, body));
    }
    const { store, most } = weighed(drive);
    const found: string[] = [];
    for await (const { held } of new CustodyStore(store, silentLog, 0).all('self')) found.push(held.key);
    expect(found).toEqual(keys);
    expect(most()).toBeLessThan(20 * body.length);
  });
});
