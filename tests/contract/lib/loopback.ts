import type { Transport } from '@parley/core';
import { listenSilently } from './silent.ts';
import { realTime } from './time.ts';
import type { TransportSetup } from './transport-lab.ts';

/** What is the same for every transport over sockets of this machine. */
export function onLoopback(listener: Transport): Pick<TransportSetup, 'bind' | 'time' | 'nobody' | 'silent' | 'teardown'> {
  const servers: { close(): Promise<void> }[] = [];
  const bind = '127.0.0.1:0';
  return {
    bind,
    time: realTime,
    async nobody() {
      const bound = await listener.listen(bind, () => {});
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
}
