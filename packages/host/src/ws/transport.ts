import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Connection, type Listener, ParleyError, type Transport } from '@parley/core';
import { connectionSettings } from '../sockets/settings.ts';
import { formatAddress, parseAddress } from '../tls/address.ts';
import { connectError } from '../tls/errors.ts';
import { AddressLimits, type TlsLimits } from '../tls/limits.ts';
import { Site } from '../web/site.ts';
import { parseWsAddress } from './address.ts';
import { dialWs } from './dial.ts';
import { Gate, type GateOptions } from './gate.ts';
import type { WsTransportOptions } from './settings.ts';

/** A browser has some connections to one server at a time, and fetches pages by them; one address may be many people's. */
const DEFAULT_WS_LIMITS: Partial<TlsLimits> = {
  maxConnectionsPerAddress: 128,
  maxHandshakes: 1024,
  maxHandshakesPerAddress: 64,
};

/** Links over WebSockets (WIRE "Opening a link"): HELLO and PROOF prove the keys. */
export interface WsTransport extends Transport {
  /** Takes WebSockets in on a server that serves other things too: `listen` at its address opens the way. Before it listens. */
  attach(server: Server, site: Site): void;
}

export function createWsTransport(options: WsTransportOptions): WsTransport {
  const settings = connectionSettings(options);
  const limits = { ...DEFAULT_WS_LIMITS, ...options.limits };
  const own = new AddressLimits(limits);
  const gates = new Map<Server, Gate>();
  const gateOptions = (site: Site): GateOptions => ({
    // Behind a proxy all come from one address: it has to limit them. Links are counted by the address that it tells.
    limits: site.proxied
      ? new AddressLimits({
          ...limits,
          maxConnectionsPerAddress: Number.POSITIVE_INFINITY,
          maxHandshakesPerAddress: Number.POSITIVE_INFINITY,
        })
      : own,
    onRefused: options.onRefused ?? (() => {}),
    settings,
  });
  const attach = (server: Server, site: Site): void => {
    gates.set(server, new Gate(server, site, gateOptions(site)));
    server.once('close', () => gates.delete(server));
  };

  return {
    name: 'ws',
    attach,
    async dial(address, signal) {
      const target = parseWsAddress(address);
      if (signal.aborted) throw new ParleyError('aborted', `cannot connect to ${address}: given up`, { cause: signal.reason });
      return dialWs(target, signal, { settings });
    },
    async listen(address, accept): Promise<Listener> {
      const at = parseAddress(address);
      for (const [server, gate] of gates) {
        if (!server.listening || addressOf(server) !== formatAddress(at.host, at.port)) continue;
        const shut = gate.open(accept);
        return { address: addressOf(server), close: async () => shut() };
      }
      const server = createServer(
        { requestTimeout: settings.handshakeTimeoutMs, headersTimeout: settings.handshakeTimeoutMs },
        (_, response) => {
          response.writeHead(426, { upgrade: 'websocket', connection: 'close' }).end();
        },
      );
      const gate = new Gate(server, new Site(), gateOptions(new Site()));
      await listening(server, at, address);
      server.on('error', (error) => options.log.error('a listener failed', { error: error.message }));
      return ownListener(server, gate, accept);
    },
  };
}

function addressOf(server: Server): string {
  const { address, port } = server.address() as AddressInfo;
  return formatAddress(address, port);
}

function listening(server: Server, at: { host: string; port: number }, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => reject(connectError(error, `cannot listen on ${address}`));
    server.once('error', failed);
    server.listen({ host: at.host, port: at.port }, () => {
      server.off('error', failed);
      resolve();
    });
  });
}

function ownListener(server: Server, gate: Gate, accept: (connection: Connection) => void): Listener {
  const shut = gate.open(accept);
  return {
    address: addressOf(server),
    /** The port is free again when this resolves; connections go on. */
    close: () =>
      new Promise((resolve) => {
        shut();
        // The server's own callback would wait for every connection to end.
        if (server.listening) server.close();
        server.closeAllConnections();
        setImmediate(resolve);
      }),
  };
}
