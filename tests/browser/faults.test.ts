import { createClock, createRandom, deleteIdbStore, openIdbStore } from '@parley/browser';
import { type ParleyError, type Store, timeGuid } from '@parley/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commands } from 'vitest/browser';
import { realTime } from '../contract/lib/time.ts';
import { until } from './lib/nodes.ts';
import { failure, newBrowser, phase, tab } from './lib/parley.ts';
import type { NodeCommands } from './setup/commands.ts';

const { setQuota } = commands as unknown as NodeCommands;
const MIB = 1024 * 1024;
const TABLES = [{ name: 'plain' }, { name: 'texts', searchable: true }];

describe('a store', () => {
  let name: string;
  let store: Store;
  let lost: ParleyError[];
  beforeEach(async () => {
    name = newBrowser();
    lost = [];
    store = await openIdbStore(name, TABLES, { onLost: (error) => lost.push(error) });
  });
  afterEach(async () => {
    await setQuota(undefined);
    await store.close();
    await deleteIdbStore(name);
  });

  it('says when the browser has no room, keeps what it has, and goes on when there is room again', async () => {
    await store.commit([{ op: 'put', table: 'plain', key: 'before', value: 'kept' }]);
    const { usage = 0 } = await navigator.storage.estimate();
    await setQuota(usage + 2 * MIB);
    // The browser goes by what it knew of the room for some seconds more.
    const kept: string[] = [];
    let refusal: unknown;
    for (let i = 0; refusal === undefined && i < 600; i++) {
      const key = `large ${String(i).padStart(3, '0')}`;
      // Such as no compression makes smaller.
      const value = createRandom().bytes(MIB / 4);
      refusal = await store.commit([{ op: 'put', table: 'plain', key, value }]).then(
        () => void kept.push(key),
        (error: unknown) => error,
      );
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(refusal).toMatchObject(failure('storage-full'));
    expect((await store.range('plain')).map(({ key }) => key)).toEqual(['before', ...kept]);
    await setQuota(undefined);
    const later = (): Promise<boolean> =>
      store.commit([{ op: 'put', table: 'plain', key: 'after', value: 'kept too' }]).then(
        () => true,
        () => false,
      );
    await until(later, 'there is room again');
    expect(await store.get('plain', 'after')).toBe('kept too');
  });

  it('that the browser takes away says so, and acknowledges nothing any more', async () => {
    await store.commit([{ op: 'put', table: 'plain', key: 'k', value: 'v' }]);
    // Whoever clears the data of a site does this to its pages.
    indexedDB.deleteDatabase(name);
    await realTime.waitFor(() => lost.length === 1, 'the loss is told');
    await expect(store.commit([{ op: 'put', table: 'plain', key: 'l', value: 'v' }])).rejects.toMatchObject(failure('storage'));
    await expect(store.get('plain', 'k')).rejects.toMatchObject(failure('storage'));
  });

  it('finds words among 50,000 messages', async () => {
    const words = ['garden', 'river', 'stone', 'cloud', 'letter', 'window', 'paper', 'music', 'winter', 'bridge'];
    const random = createRandom();
    const clock = createClock();
    for (let batch = 0; batch < 25; batch++) {
      await store.commit(
        Array.from({ length: 2000 }, (_, i) => {
          const at = batch * 2000 + i;
          const text = [words[at % 10], words[(at * 7) % 10], `number${at}`, 'common', ...words.slice(0, at % 4)].join(' ');
          return {
            op: 'put' as const,
            table: 'texts',
            key: `channel/${String(at).padStart(8, '0')}/${timeGuid(random, clock.now())}`,
            value: text,
            text,
          };
        }),
      );
    }
    const number = (key: string | undefined): number => Number(key?.split('/')[1]);
    const timed = async (query: string): Promise<string[]> => {
      const begun = performance.now();
      const found = await store.search('texts', query, { limit: 50 });
      console.info(`search for "${query}": ${found.length} found in ${Math.round(performance.now() - begun)} ms`);
      return found;
    };
    expect((await timed('number41234')).map(number)).toEqual([41_234]);
    expect((await timed('common')).map(number)[0]).toBe(49_999);
    expect((await timed('common')).length).toBe(50);
    expect((await timed('garden common number49990')).map(number)).toEqual([49_990]);
    expect((await timed('garden riv com')).length).toBe(0);
    expect((await timed('garden river com')).length).toBe(50);
  });
});

describe('a node whose storage is taken away', () => {
  it('says so instead of going on', async () => {
    const name = newBrowser();
    const parley = tab(name);
    await parley.begin('Ann');
    const { node_id } = await parley.node.status();
    indexedDB.deleteDatabase(`${name} ${node_id}`);
    expect(await phase(parley, 'failed')).toMatchObject({ code: 'storage' });
    await expect(parley.node.channels()).rejects.toMatchObject(failure('storage'));
    await parley.close();
    // Who one is was kept elsewhere: the next start begins with an empty history.
    expect((await tab(name).node.status()).node_id).toBe(node_id);
  });
});
