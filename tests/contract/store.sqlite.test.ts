import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '@parley/host';
import { storeContract } from './lib/store-contract.ts';
import { realTime } from './lib/time.ts';

storeContract('SQLite', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'parley-store-'));
  return {
    open: (tables) => openSqliteStore(join(directory, 'store.db'), tables),
    time: realTime,
    teardown: () => rm(directory, { recursive: true, force: true }),
  };
});
