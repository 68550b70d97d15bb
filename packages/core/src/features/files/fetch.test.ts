import { VirtualClock } from '@parley/sim';
import { expect, it } from 'vitest';
import { fileDefaults } from './config.ts';
import { Fetch, type FetchDeps } from './fetch.ts';
import type { FileRecord } from './shelf.ts';

it('who was not asked takes no place among those who give a file', () => {
  const deps = { ports: { clock: new VirtualClock(), crypto: { hasher: () => ({}) } }, links: { get: () => undefined } };
  const record = { root: 'r', channelId: 'c', size: 1000 } as unknown as FileRecord;
  const fetch = new Fetch(deps as unknown as FetchDeps, fileDefaults, record);
  try {
    for (let i = 0; i < 8; i++) fetch.heard(`stranger ${i}`, [{ from: 0, to: 0 }], undefined);
  } catch {
    // Nothing of the file is open.
  }
  expect(fetch.waits).toBe(true);
});
