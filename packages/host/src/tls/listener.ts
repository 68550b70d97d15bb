import { createServer, type Server } from 'node:net';
import { type Connection, type Listener, type Log, ParleyError } from '@parley/core';
import type { Acceptor, Door } from './acceptor.ts';
import { formatAddress, type HostPort } from './address.ts';
import { connectError } from './errors.ts';

/** Accepted by the kernel and not yet by us: room for a burst. */
const BACKLOG = 1024;

class TlsListener implements Listener {
  readonly address: string;
  readonly #server: Server;
  readonly #acceptor: Acceptor;
  readonly #door: Door;

  constructor(address: string, server: Server, acceptor: Acceptor, door: Door) {
    this.address = address;
    this.#server = server;
    this.#acceptor = acceptor;
    this.#door = door;
  }

  /** The port is free again when this resolves; handshakes under way end, connections go on. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      // The server's own callback would wait for every connection to end.
      if (this.#server.listening) this.#server.close();
      this.#acceptor.shut(this.#door);
      setImmediate(resolve);
    });
  }
}

/** Listens on one address and passes on to `acceptor` what comes in. */
export function listenTls(at: HostPort, accept: (connection: Connection) => void, acceptor: Acceptor, log: Log): Promise<Listener> {
  const door: Door = { transport: 'tls', accept, open: true };
  const server = createServer({ noDelay: true }, (socket) => acceptor.take(socket, door));
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => reject(connectError(error, `cannot listen on ${formatAddress(at.host, at.port)}`));
    server.once('error', failed);
    server.listen({ host: at.host, port: at.port, backlog: BACKLOG }, () => {
      server.off('error', failed);
      server.on('error', (error) => log.error('a listener failed', { error: error.message }));
      const bound = server.address();
      if (bound === null || typeof bound === 'string') {
        server.close();
        reject(new ParleyError('internal', 'a listener without an address'));
        return;
      }
      resolve(new TlsListener(formatAddress(bound.address, bound.port), server, acceptor, door));
    });
  });
}
