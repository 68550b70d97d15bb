import { createCrypto } from '@parley/host';
import { MemoryDrive, World } from '@parley/sim';
import { storeContract } from './lib/store-contract.ts';
import { realTime, virtualTime } from './lib/time.ts';

storeContract('memory', async () => {
  const world = new World({ seed: 'store contract', crypto: createCrypto(), commitMs: 2 });
  const drive = world.drive('machine');
  return { open: async (tables) => drive.open(tables), time: virtualTime(world), teardown: async () => {} };
});

storeContract('memory without a clock', async () => {
  const drive = new MemoryDrive();
  return { open: async (tables) => drive.open(tables), time: realTime, teardown: async () => {} };
});
