import { silentLog } from '@parley/core';
import { createWsTransport } from '@parley/host';
import { listenSilently } from './lib/silent.ts';
import { realTime } from './lib/time.ts';
import { transportContract } from './lib/transport-contract.ts';

const MAX = 128 * 1024;
const make = (maxFrameBytes: number) => createWsTransport({ maxFrameBytes, log: silentLog });

transportContract('WebSocket', async () => {
  const listener = make(MAX);
  const servers: { close(): Promise<void> }[] = [];
  return {
    dialler: make(MAX),
    listener,
    lenient: make(2 * MAX),
    maxMessageBytes: MAX,
    bind: '127.0.0.1:0',
    certificates: undefined,
    time: realTime,
    async nobody() {
      const bound = await listener.listen('127.0.0.1:0', () => {});
      await bound.close();
      return bound.address;
    },
    async silent() {
      const server = await listenSilently();
      servers.push(server);
      return server.address;
    },
    async teardown() {
      for (const server of servers) await server.close();
    },
  };
});
