import type { AddressInfo } from 'node:net';
import websocket from '@fastify/websocket';
import { type ApiService, type ErrorView, type EventHub, type Log, ParleyError } from '@parley/core';
import fastify, { type FastifyError, type FastifyReply } from 'fastify';
import type { TSchema } from 'typebox';
import { denial } from './access.ts';
import { describeApi } from './describe.ts';
import { NO_COMPILERS } from './no-compilers.ts';
import { addRoutes } from './routes.ts';
import { boundedClose } from './sockets.ts';
import { STATUS_BY_CODE } from './status-codes.ts';
import { serveSubscriber } from './subscription.ts';
import { type ApiApp, checker } from './type-provider.ts';

export interface ApiServerDeps {
  readonly service: ApiService;
  readonly hub: EventHub;
  readonly token: string;
  readonly log: Log;
}

export interface ApiServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Says goodbye to subscribers, lets answers under way go out, and closes. */
  close(): Promise<void>;
}

/** A message has at most 64 KiB of text, which JSON may write in six bytes for one, and 256 KiB of attachments in base64. */
const MAX_BODY_BYTES = 1024 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;
const MAX_CONNECTIONS = 256;

function errorView(error: ParleyError): ErrorView {
  const { code, message, data } = error;
  return { error: { code, message, ...(Object.keys(data).length > 0 ? { data } : {}) } };
}

/** What fastify itself finds wrong with a request, as one of ours. */
function parleyError(error: FastifyError): ParleyError {
  if (error instanceof ParleyError) return error;
  if (error.validation) return new ParleyError('bad-argument', `${error.validationContext ?? 'request'}: ${error.message}`);
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new ParleyError('too-large', `a body has at most ${MAX_BODY_BYTES} bytes`);
  if (error.statusCode !== undefined && error.statusCode < 500) return new ParleyError('bad-argument', error.message);
  return ParleyError.from(error);
}

/** The local API without a listener. `port` is asked for at each request. */
export async function buildApi(deps: ApiServerDeps, port: () => number): Promise<ApiApp> {
  const { service, hub, token, log } = deps;
  const goodbyes = new Set<() => void>();
  const app: ApiApp = fastify({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    exposeHeadRoutes: false,
    schemaController: NO_COMPILERS,
    // Names, cursors and keys stand in paths, each character in up to nine; what is too long the schemas say.
    routerOptions: { maxParamLength: 256 * 9 },
  });
  app.setValidatorCompiler<TSchema>(({ schema, httpPart }) => checker(schema, httpPart));
  // The types say what an answer holds.
  app.setSerializerCompiler(() => JSON.stringify);
  app.setErrorHandler((thrown: FastifyError, request, reply) => {
    const error = parleyError(thrown);
    const status = STATUS_BY_CODE[error.code];
    if (status >= 500)
      log.warn('a request of the local API failed', { path: request.routeOptions.url, code: error.code, error: error.message });
    reply.code(status).send(errorView(error));
  });
  app.setNotFoundHandler((request, reply) => {
    reply.code(404).send(errorView(new ParleyError('not-found', `there is no ${request.method} ${request.url.slice(0, 256)}`)));
  });
  await app.register(websocket, {
    options: { maxPayload: 1024 },
    errorHandler: (error, socket) => {
      log.debug('a subscriber failed', { error: error.message });
      socket.terminate();
    },
    preClose: (done) => {
      for (const goodbye of goodbyes) goodbye();
      done();
    },
  });
  // After the WebSockets', which has to know of every request, also of one that is refused.
  app.addHook('onRequest', async (request, reply): Promise<FastifyReply | undefined> => {
    const denied = denial(request.headers, port(), token);
    if (!denied) return undefined;
    log.debug('a request of the local API was refused', { reason: denied.message });
    if (denied.status === 401) reply.header('www-authenticate', 'Bearer');
    return reply.code(denied.status).send(errorView(new ParleyError('refused', denied.message)));
  });
  addRoutes(app, () => service);
  addDescription(app);
  app.get('/v1/events', { websocket: true }, (socket) => {
    const goodbye = serveSubscriber(socket, hub, log);
    goodbyes.add(goodbye);
    socket.on('close', () => goodbyes.delete(goodbye));
  });
  await app.ready();
  return app;
}

function addDescription(app: ApiApp): void {
  let description: Promise<object> | undefined;
  app.get('/v1/openapi.json', async () => {
    description ??= describeApi();
    return description;
  });
}

/** Serves the local API on 127.0.0.1, at a port that the system chooses (DESIGN section 12). */
export async function startApi(deps: ApiServerDeps): Promise<ApiServer> {
  let port = 0;
  const app = await buildApi(deps, () => port);
  app.server.maxConnections = MAX_CONNECTIONS;
  const close = boundedClose(app.server, () => app.close());
  await app.listen({ host: '127.0.0.1', port: 0 });
  port = (app.server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${port}`,
    close,
  };
}
