import type { AddressInfo } from 'node:net';
import { type Log, ParleyError } from '@parley/core';
import fastify from 'fastify';
import { bears } from '../api/access.ts';
import { NO_COMPILERS } from '../api/no-compilers.ts';
import { boundedClose } from '../api/sockets.ts';
import type { Exposition } from '../metrics/index.ts';
import { formatAddress, isLoopback, parseAddress } from '../tls/address.ts';
import { connectError } from '../tls/errors.ts';

export interface PublicHttpDeps {
  /** Throws when the node does not work. */
  readonly check: () => Promise<void>;
  readonly exposition: () => Promise<Exposition>;
  /** Tokens that open what is not for everybody; asked for each time. */
  readonly tokens: () => Promise<readonly string[]>;
  readonly log: Log;
}

export interface PublicHttp {
  /** `http://HOST:PORT` */
  readonly url: string;
  close(): Promise<void>;
}

const MAX_CONNECTIONS = 1_024;
const TIMEOUT_MS = 10_000;

/**
 * Whether a request comes from this machine to this machine. The name in `Host` counts too: a page in a browser can make a name of its
 * own point here, and a proxy passes on what others asked.
 */
function isLocal(listening: string, host: string | undefined): boolean {
  if (!isLoopback(listening) || host === undefined) return false;
  const name = host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || isLoopback(name);
}

/** Serves `/healthz` to everybody and `/metrics` to this machine, or to who has a token. Errors: `in-use`, `refused`, `unreachable`. */
export async function startPublicHttp(address: string, deps: PublicHttpDeps): Promise<PublicHttp> {
  const { host, port } = parseAddress(address);
  const app = fastify({ bodyLimit: 1024, requestTimeout: TIMEOUT_MS, connectionTimeout: TIMEOUT_MS, schemaController: NO_COMPILERS });
  app.server.maxConnections = MAX_CONNECTIONS;
  const close = boundedClose(app.server, () => app.close());
  let bound: AddressInfo | undefined;
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.url === '/healthz' || isLocal(bound?.address ?? '', request.headers.host)) return undefined;
    const tokens = await deps.tokens();
    if (tokens.some((token) => bears(request.headers, token))) return undefined;
    return reply
      .code(401)
      .header('www-authenticate', 'Bearer')
      .send({ error: { code: 'refused', message: 'a token is needed here' } });
  });
  app.get('/healthz', async (_, reply) => {
    try {
      await deps.check();
      return { status: 'ok' };
    } catch (error) {
      deps.log.warn('the node is not well', { error: ParleyError.from(error).message });
      return reply.code(503).send({ status: 'failing' });
    }
  });
  app.get('/metrics', async (_, reply) => {
    const exposition = await deps.exposition();
    return reply.type(exposition.contentType).send(await exposition.text());
  });
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw connectError(error, `cannot listen on ${address}`);
  }
  bound = app.server.address() as AddressInfo;
  return {
    url: `http://${formatAddress(bound.address, bound.port)}`,
    close,
  };
}
