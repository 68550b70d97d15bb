import type { IncomingMessage } from 'node:http';
import type { Log } from '@parley/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type AppFile, type AppFiles, chooseVariant, matches, readAppFiles } from './app-files.ts';
import { NEEDS_HTTPS, NOT_BUILT } from './notices.ts';
import type { Site } from './site.ts';

/** What a page of ours may load and do: itself, and links to servers. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "font-src 'self'",
  "connect-src 'self' ws: wss:",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

export interface AppRoutesOptions {
  readonly site: Site;
  /** Where the built app lies. */
  readonly directory: string;
  readonly log: Log;
}

/** The built app, looked for until it is there. */
class App {
  readonly #directory: string;
  #files: Promise<AppFiles> | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async files(): Promise<AppFiles> {
    this.#files ??= readAppFiles(this.#directory);
    try {
      const files = await this.#files;
      if (files.size === 0) this.#files = undefined;
      return files;
    } catch (error) {
      this.#files = undefined;
      throw error;
    }
  }
}

function sendFile(request: FastifyRequest, reply: FastifyReply, file: AppFile): FastifyReply {
  const variant = chooseVariant(file, request.headers['accept-encoding']);
  if (!variant) return reply.code(406).send();
  const { encoding, body, etag } = variant;
  reply.header('cache-control', file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache').header('etag', etag);
  if (file.variants.length > 1) reply.header('vary', 'accept-encoding');
  if (matches(request.headers['if-none-match'], etag)) return reply.code(304).send();
  if (encoding !== undefined) reply.header('content-encoding', encoding);
  return reply.type(file.type).send(body);
}

/** Serves the web app, or says why not. Whatever is no file of it is `404`. */
export function addAppRoutes(app: FastifyInstance, { site, directory, log }: AppRoutesOptions): void {
  const web = new App(directory);
  // Read before anybody asks: a first visit should not wait for the disk. Whoever asks hears why it cannot be read.
  web.files().catch(() => {});
  const notice = (reply: FastifyReply, status: number, html: string): FastifyReply =>
    reply.code(status).header('cache-control', 'no-store').type('text/html; charset=utf-8').send(html);
  const plain = (reply: FastifyReply, status: number, text: string): FastifyReply =>
    reply.code(status).header('cache-control', 'no-store').type('text/plain; charset=utf-8').send(`${text}\n`);
  app.get('/*', async (request, reply) => {
    reply.headers(HEADERS);
    const raw: IncomingMessage = request.raw;
    const visit = site.visit(raw);
    const path = (raw.url ?? '/').split('?', 1)[0] ?? '/';
    if (!visit?.secure) {
      // The proxy took it without TLS, and knows better.
      if (visit?.known && visit.origin.startsWith('https:')) return reply.redirect(`${visit.origin}${path}`, 308);
      return notice(reply, 403, NEEDS_HTTPS);
    }
    const files = await web.files();
    if (files.size === 0) {
      log.info('the web app was asked for, and is not built', { directory });
      return notice(reply, 503, NOT_BUILT);
    }
    const file = files.get(path);
    return file ? sendFile(request, reply, file) : plain(reply, 404, 'There is nothing here.');
  });
  app.setNotFoundHandler((_, reply) => {
    reply.headers(HEADERS).header('allow', 'GET, HEAD');
    return plain(reply, 405, 'This can only be read.');
  });
}
