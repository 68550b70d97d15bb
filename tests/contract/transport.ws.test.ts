import { silentLog } from '@parley/core';
import { createWsTransport } from '@parley/host';
import { onLoopback } from './lib/loopback.ts';
import { transportContract } from './lib/transport-contract.ts';

const MAX = 128 * 1024;
const make = (maxFrameBytes: number) => createWsTransport({ maxFrameBytes, log: silentLog });

transportContract('WebSocket', async () => {
  const listener = make(MAX);
  return {
    ...onLoopback(listener),
    dialler: make(MAX),
    listener,
    lenient: make(2 * MAX),
    maxMessageBytes: MAX,
    certificates: undefined,
  };
});
