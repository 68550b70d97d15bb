import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer, Server as SecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createSecureContext } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { type Log, ParleyError } from '@parley/core';
import fastify from 'fastify';
import { bears } from '../api/access.ts';
import { NO_COMPILERS } from '../api/no-compilers.ts';
import { boundedClose } from '../api/sockets.ts';
import type { Exposition } from '../metrics/index.ts';
import { formatAddress, isLoopback, parseAddress } from '../tls/address.ts';
import { connectError } from '../tls/errors.ts';
import { type HttpRefusal, notFarAhead } from '../web/ahead.ts';
import { addAppRoutes } from '../web/routes.ts';
import { Site, type SiteOptions } from '../web/site.ts';

export interface PublicHttpDeps {
  /** Throws when the node does not work. */
  readonly check: () => Promise<void>;
  readonly exposition: () => Promise<Exposition>;
  /** Tokens that open what is not for everybody; asked for each time. */
  readonly tokens: () => Promise<readonly string[]>;
  /** Takes links in on the server. */
  readonly attach: (server: Server, site: Site) => void;
  /** A connection was ended for what it asked. */
  readonly onRefused: (reason: HttpRefusal) => void;
  readonly log: Log;
}

export interface PublicHttpOptions extends Omit<SiteOptions, 'certificate'> {
  /** PEM files of a certificate with its chain, and of its key: then it is HTTPS. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Folder of the built web app. Default: that of `packages/web`. */
  readonly app?: string | undefined;
}

export interface PublicHttp {
  /** `http://HOST:PORT` or `https://HOST:PORT` */
  readonly url: string;
  /** `HOST:PORT` */
  readonly address: string;
  /** Reads the files of the certificate again, for the connections to come. What does not hold is told in the log, and changes nothing. */
  renew(): Promise<void>;
  close(): Promise<void>;
}

const TIMEOUT_MS = 10_000;
const BY_PROXY = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'];
/** The same from `src`, from `dist` and from the command's `dist/bundle`. */
const WEB_APP = fileURLToPath(new URL('../../../web/dist', import.meta.url));

interface Credentials {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly certificate: X509Certificate;
}

/** Errors: `not-found`, `bad-certificate`. */
async function readCredentials(certFile: string, keyFile: string): Promise<Credentials> {
  const read = (file: string): Promise<Buffer> =>
    readFile(file).catch((error: unknown) => {
      throw new ParleyError('not-found', `cannot read ${file}`, { cause: error });
    });
  const [cert, key] = await Promise.all([read(certFile), read(keyFile)]);
  try {
    createSecureContext({ cert, key });
    return { cert, key, certificate: new X509Certificate(cert) };
  } catch (error) {
    throw new ParleyError('bad-certificate', `${certFile} and ${keyFile} are no certificate and its key, in PEM, without a passphrase`, {
      cause: error,
    });
  }
}

function serverOf(credentials: Credentials | undefined, handler: RequestListener): Server {
  const options = { requestTimeout: TIMEOUT_MS, headersTimeout: TIMEOUT_MS };
  const server = credentials
    ? createSecureServer({ ...options, cert: credentials.cert, key: credentials.key, handshakeTimeout: TIMEOUT_MS }, handler)
    : createServer(options, handler);
  server.setTimeout(TIMEOUT_MS);
  return server;
}

/**
 * Whether a request comes from this machine to this machine. The name in `Host` counts too: a page in a browser can make a name of its
 * own point here, and a proxy passes on what others asked; some name this machine in `Host`, and say in other headers for whom they ask.
 */
function isLocal(listening: string, { host, ...headers }: IncomingHttpHeaders): boolean {
  if (!isLoopback(listening) || host === undefined || BY_PROXY.some((name) => headers[name] !== undefined)) return false;
  const name = host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || isLoopback(name);
}

/**
 * Serves `/healthz` and the web app to everybody, and `/metrics` to this machine, or to who has a token. Errors: `in-use`, `refused`,
 * `unreachable`, `bad-argument`, `not-found`, `bad-certificate`.
 */
export async function startPublicHttp(address: string, options: PublicHttpOptions, deps: PublicHttpDeps): Promise<PublicHttp> {
  const { host, port } = parseAddress(address);
  const { cert, key, app: directory = WEB_APP } = options;
  if ((cert === undefined) !== (key === undefined)) throw new ParleyError('bad-argument', 'HTTPS needs a certificate and its key');
  const credentials = cert === undefined || key === undefined ? undefined : await readCredentials(cert, key);
  const site = new Site({ ...options, certificate: credentials?.certificate });
  const app = fastify({
    bodyLimit: 1024,
    schemaController: NO_COMPILERS,
    serverFactory: (handler) => serverOf(credentials, notFarAhead(handler as RequestListener, deps.onRefused)),
  });
  const renew = async (): Promise<void> => {
    if (cert === undefined || key === undefined || !(app.server instanceof SecureServer)) return;
    try {
      const fresh = await readCredentials(cert, key);
      app.server.setSecureContext({ cert: fresh.cert, key: fresh.key });
      site.certify(fresh.certificate);
      deps.log.info('the certificate of the web app was read again', { file: cert, until: fresh.certificate.validTo });
    } catch (error) {
      deps.log.error('the certificate of the web app stays the one before', { error: ParleyError.from(error).message });
    }
  };
  const close = boundedClose(app.server, () => app.close());
  deps.attach(app.server, site);
  let bound: AddressInfo | undefined;
  app.get('/healthz', async (_, reply) => {
    try {
      await deps.check();
      return { status: 'ok' };
    } catch (error) {
      deps.log.warn('the node is not well', { error: ParleyError.from(error).message });
      return reply.code(503).send({ status: 'failing' });
    }
  });
  app.get('/metrics', async (request, reply) => {
    if (!isLocal(bound?.address ?? '', request.headers)) {
      const tokens = await deps.tokens();
      if (!tokens.some((token) => bears(request.headers, token))) {
        reply.code(401).header('www-authenticate', 'Bearer');
        return { error: { code: 'refused', message: 'a token is needed here' } };
      }
    }
    const exposition = await deps.exposition();
    return reply.type(exposition.contentType).send(await exposition.text());
  });
  addAppRoutes(app, { site, directory, log: deps.log });
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw connectError(error, `cannot listen on ${address}`);
  }
  bound = app.server.address() as AddressInfo;
  const at = formatAddress(bound.address, bound.port);
  return { url: `${credentials ? 'https' : 'http'}://${at}`, address: at, renew, close };
}
