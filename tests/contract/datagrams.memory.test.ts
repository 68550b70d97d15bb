import { createCrypto } from '@parley/host';
import { World } from '@parley/sim';
import { datagramContract } from './lib/datagram-contract.ts';
import { virtualTime } from './lib/time.ts';

datagramContract('memory', async () => {
  const world = new World({ seed: 'datagram contract', crypto: createCrypto(), conditions: { latencyMs: 1, jitterMs: 5 } });
  return {
    here: world.network.datagrams('here'),
    there: world.network.datagrams('there'),
    bindHere: 'here:0',
    bindThere: 'there:0',
    time: virtualTime(world),
    teardown: async () => {},
  };
});
