import { createUdp } from '@parley/host';
import { datagramContract } from './lib/datagram-contract.ts';
import { realTime } from './lib/time.ts';

datagramContract('UDP', async () => ({
  here: createUdp(),
  there: createUdp(),
  bindHere: '127.0.0.1:0',
  bindThere: '127.0.0.1:0',
  time: realTime,
  teardown: async () => {},
}));
