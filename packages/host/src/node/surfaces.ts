import { base64url, EventHub, errorCode, type Node, NodeService, VERSION } from '@parley/core';
import { removeApiAddress, writeApiAddress } from '../api/address-file.ts';
import type { Exposition } from '../metrics/index.ts';
import { metricsToken } from '../metrics/token.ts';
import { isLoopback, parseAddress } from '../tls/address.ts';
import type { Assembled } from './assemble.ts';
import type { Closers } from './closers.ts';
import { DEFAULT_SERVER_HTTP, type HostNodeOptions, type ReadyEvent } from './options.ts';
import type { PublicHttpDeps, PublicHttpOptions } from './public-http.ts';

/** What is loaded and served beside the links. All of it is imported late: a third of the time of a start would go to it. */

/** 32 random bytes that open the local API of this run. */
export function newToken({ ports }: Assembled): string {
  return base64url(ports.random.bytes(32));
}

function expositions(node: Node): () => Promise<Exposition> {
  let exposition: Promise<Exposition> | undefined;
  return () => {
    exposition ??= import('../metrics/exposition.ts').then(({ createExposition }) =>
      createExposition(node.metrics, { version: VERSION, nodeType: node.nodeType }),
    );
    return exposition;
  };
}

/** `/healthz`, `/metrics`, the web app, and links over WebSockets, where they are wanted. Returns `http://HOST:PORT`, or `https://…`. */
export async function servePublic(assembled: Assembled, options: HostNodeOptions, apiToken: string): Promise<string | undefined> {
  const { node, ports, directory, ws, late } = assembled;
  const address = options.http ?? (options.nodeType === 'server' ? DEFAULT_SERVER_HTTP : false);
  if (address === false) return undefined;
  // Made at once where a scraper will need it, so that its owner finds it.
  if (!isLoopback(parseAddress(address).host)) await metricsToken(directory, ports.random);
  const deps: PublicHttpDeps = {
    // Reading shows whether the store works, and costs next to nothing.
    check: async () => {
      await ports.store.get('known_nodes', node.identity.nodeId);
    },
    exposition: expositions(node),
    attach: ws.attach,
    onRefused: (reason) => node.metrics.reject(reason),
    tokens: async () => [await metricsToken(directory, ports.random), apiToken],
    log: ports.log.child({ part: 'http' }),
  };
  const { startPublicHttp } = await import('./public-http.ts');
  const site: PublicHttpOptions = {
    cert: options.httpCert,
    key: options.httpKey,
    proxies: options.httpProxies,
    origins: options.httpOrigins,
    app: options.app,
  };
  const http = await startPublicHttp(address, site, deps).catch((error: unknown) => {
    // Two servers on one machine: only what was asked for must be had.
    if (options.http !== undefined || errorCode(error) !== 'in-use') throw error;
    ports.log.warn('the usual port of the web app and /metrics is taken: another is used', { address });
    return startPublicHttp('127.0.0.1:0', site, deps);
  });
  late.http = http;
  await node.listen(ws.name, http.address);
  return http.url;
}

/** The local API, and its announcement in the data directory. */
export async function serveApi(
  assembled: Assembled,
  around: Pick<ReadyEvent, 'tls' | 'http'> & {
    readonly udp: string | undefined;
    readonly connect: readonly string[];
    readonly token: string;
    readonly stop: () => void;
  },
  closers: Closers,
): Promise<void> {
  const { node, ports, directory } = assembled;
  const { tls, udp, http, connect, token, stop } = around;
  const { startApi } = await import('../api/server.ts');
  const log = ports.log.child({ part: 'api' });
  const hub = new EventHub(node, log);
  closers.add('events', () => hub.close());
  const service = new NodeService(node, { clock: ports.clock, tls, udp, http, connect, stop });
  const api = await startApi({ service, hub, token, log });
  closers.add('the local API', () => api.close());
  await writeApiAddress(directory.path, { url: api.url, token });
  closers.add('api.json', () => removeApiAddress(directory.path));
}
