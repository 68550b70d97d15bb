import { deleteIdbStore, openIdbStore } from '@parley/browser';
import { storeContract } from '../contract/lib/store-contract.ts';
import { realTime } from '../contract/lib/time.ts';

let made = 0;

storeContract('IndexedDB', async () => {
  const name = `store contract ${made++}`;
  return {
    open: (tables) => openIdbStore(name, tables),
    time: realTime,
    teardown: () => deleteIdbStore(name),
  };
});
