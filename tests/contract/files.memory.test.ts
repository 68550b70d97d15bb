import { MemoryFiles } from '@parley/sim';
import { filesContract } from './lib/files-contract.ts';

filesContract('memory', async () => {
  const files = new MemoryFiles();
  return {
    open: () => files,
    place: async (bytes) => {
      files.place('/a/film', bytes);
      return '/a/film';
    },
    nowhere: '/a/nothing',
    teardown: async () => {},
  };
});
