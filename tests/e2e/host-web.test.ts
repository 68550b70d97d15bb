import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gzipSync } from 'node:zlib';
import type { HostNode } from '@parley/host';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Lab } from './host-lab.ts';

let lab: Lab;
beforeEach(() => {
  lab = new Lab();
});
afterEach(() => lab.close());

const SCRIPT = '/assets/index-AbCd_123.js';
const SCRIPT_TEXT = 'console.log("parley");'.repeat(100);

/** A built app, small. */
function app(): string {
  const directory = lab.dir('app');
  const put = (path: string, content: string | Buffer): void => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  };
  put('index.html', '<!doctype html><title>Parley</title>');
  put('sw.js', 'self.addEventListener("fetch", () => {});');
  put('manifest.webmanifest', '{}');
  put(SCRIPT, SCRIPT_TEXT);
  put(`${SCRIPT}.br`, brotliCompressSync(SCRIPT_TEXT));
  put(`${SCRIPT}.gz`, gzipSync(SCRIPT_TEXT));
  put('notes.secret', 'not a file of the app');
  put('../outside.txt', 'outside');
  return directory;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly path?: string;
}

/** A request whose path and headers go out as they are given. */
function ask(url: string | undefined, { method = 'GET', headers = {}, path = '/' }: Asked = {}): Promise<Answer> {
  const { protocol, hostname, port } = new URL(url ?? '');
  const request = protocol === 'https:' ? secureRequest : plainRequest;
  return new Promise((resolve, reject) => {
    request({ host: hostname, port, method, headers, path, rejectUnauthorized: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }));
    })
      .on('error', reject)
      .end();
  });
}

const at = ({ ready }: HostNode) => ready.http;

/** An address of this machine that is not loopback. */
function outside(): string | undefined {
  const all = Object.values(networkInterfaces()).flat();
  return all.find((address) => address && !address.internal && address.family === 'IPv4')?.address;
}

describe('the web app', () => {
  it('is served with a policy that lets it load itself alone', async () => {
    const { host } = await lab.server({ http: '127.0.0.1:0', app: app() });
    const page = await ask(at(host));
    expect([page.status, String(page.body)]).toEqual([200, '<!doctype html><title>Parley</title>']);
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    });
    const policy = new Map((page.headers['content-security-policy'] as string).split('; ').map((one) => [one.split(' ')[0], one]));
    expect(policy.get('default-src')).toBe("default-src 'none'");
    expect(policy.get('script-src')).toBe("script-src 'self'");
    expect(policy.get('style-src')).toBe("style-src 'self'");
    expect(policy.get('connect-src')).toBe("connect-src 'self' ws: wss:");
    expect(policy.get('frame-ancestors')).toBe("frame-ancestors 'none'");
    expect(page.headers['content-security-policy']).not.toMatch(/unsafe|\*/);
    expect(page.headers['permissions-policy']).toContain('geolocation=()');
    // What it does not serve is no way around the policy.
    for (const path of ['/nothing', '/nothing.html']) {
      const { headers } = await ask(at(host), { path });
      expect(headers['content-security-policy']).toBe(page.headers['content-security-policy']);
    }
  });

  it('is kept by browsers as long as it is the same', async () => {
    const { host } = await lab.server({ http: '127.0.0.1:0', app: app() });
    for (const path of ['/', '/index.html', '/sw.js', '/manifest.webmanifest']) {
      expect((await ask(at(host), { path })).headers['cache-control'], path).toBe('no-cache');
    }
    const script = await ask(at(host), { path: SCRIPT });
    expect(script.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    const etag = (await ask(at(host))).headers.etag as string;
    for (const header of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await ask(at(host), { headers: { 'if-none-match': header } });
      expect([again.status, again.body.length, again.headers.etag], header).toEqual([304, 0, etag]);
    }
    expect((await ask(at(host), { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
  });

  it('goes compressed to who takes it, under a tag of its own', async () => {
    const { host } = await lab.server({ http: '127.0.0.1:0', app: app() });
    const take = (encodings: string | undefined) =>
      ask(at(host), { path: SCRIPT, headers: encodings === undefined ? {} : { 'accept-encoding': encodings } });
    const brotli = await take('gzip, deflate, br');
    expect([brotli.headers['content-encoding'], brotli.headers.vary]).toEqual(['br', 'accept-encoding']);
    expect(String(brotliDecompressSync(brotli.body))).toBe(SCRIPT_TEXT);
    const gzip = await take('gzip, br;q=0');
    const plain = await take(undefined);
    expect([gzip.headers['content-encoding'], plain.headers['content-encoding']]).toEqual(['gzip', undefined]);
    expect(String(plain.body)).toBe(SCRIPT_TEXT);
    expect((await take('*')).headers['content-encoding']).toBe('br');
    expect((await take('identity')).headers['content-encoding']).toBeUndefined();
    expect(new Set([brotli, gzip, plain].map(({ headers }) => headers.etag)).size).toBe(3);
  });

  it('is nothing else of the disk, however it is asked for', async () => {
    const { host } = await lab.server({ http: '127.0.0.1:0', app: app() });
    const paths = [
      '/../outside.txt',
      '/assets/../../outside.txt',
      '/%2e%2e/outside.txt',
      '/..%2foutside.txt',
      '/%2e%2e%2foutside.txt',
      '/..%5coutside.txt',
      '//outside.txt',
      '/assets/%00',
      '/notes.secret',
      '/assets',
      '/assets/',
      `${SCRIPT}.br`,
      '/__proto__',
      '/constructor',
    ];
    for (const path of paths) {
      const { status, body } = await ask(at(host), { path });
      expect(status, path).toBe(404);
      expect(String(body), path).not.toContain('outside');
    }
    expect((await ask(at(host), { path: '/%' })).status).toBe(400);
  });

  it('can be read and nothing else', async () => {
    const { host } = await lab.server({ http: '127.0.0.1:0', app: app() });
    const [head, get] = [await ask(at(host), { method: 'HEAD' }), await ask(at(host))];
    expect([head.status, head.body.length, head.headers['content-length']]).toEqual([200, 0, get.headers['content-length']]);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      const { status, headers } = await ask(at(host), { method });
      expect([status, headers.allow], method).toEqual([405, 'GET, HEAD']);
    }
    expect((await ask(at(host), { path: '/?from=somewhere' })).status).toBe(200);
  });

  it('that is not built says how, and is there once it is', async () => {
    const directory = lab.dir('app');
    const { host } = await lab.server({ http: '127.0.0.1:0', app: directory });
    const page = await ask(at(host));
    expect(page.status).toBe(503);
    expect(String(page.body)).toContain('npm run build');
    expect((await ask(at(host), { path: '/healthz' })).status).toBe(200);
    app();
    expect((await ask(at(host))).status).toBe(200);
  });

  it('is served by a node too', async () => {
    const { host } = await lab.start({ data: lab.dir('ann'), nodeType: 'client', name: 'ann', http: '127.0.0.1:0', app: app() });
    expect((await ask(at(host))).status).toBe(200);
  });
});

describe('away from this machine', () => {
  it('the web app needs HTTPS, and says how', async ({ skip }) => {
    const ip = outside();
    skip(ip === undefined, 'this machine has no address but loopback');
    const { host } = await lab.server({ http: `${ip}:0`, app: app() });
    const page = await ask(at(host));
    expect([page.status, page.headers['content-type']]).toEqual([403, 'text/html; charset=utf-8']);
    expect(String(page.body)).toMatch(/--http-cert FILE --http-key FILE/);
    expect((await ask(at(host), { path: SCRIPT })).status).toBe(403);
    // That somebody calls it by a name of this machine changes nothing.
    expect((await ask(at(host), { headers: { host: '127.0.0.1' } })).status).toBe(403);
  });

  it('so it does under a name that somebody made to point here', async () => {
    const { host } = await lab.server({ http: '127.0.0.1:0', app: app() });
    expect((await ask(at(host), { headers: { host: 'evil.example.org' } })).status).toBe(403);
    expect((await ask(at(host), { headers: { host: 'localhost:1' } })).status).toBe(200);
    expect((await ask(at(host), { headers: { host: 'a b' } })).status).toBe(403);
  });

  it('it is reached through a proxy that ends TLS', async () => {
    const { host } = await lab.server({ http: '127.0.0.1:0', app: app(), httpProxies: ['https://chat.example.org'] });
    const through = (headers: Record<string, string>, path = '/') =>
      ask(at(host), { path, headers: { host: 'chat.example.org', ...headers } });
    expect((await through({})).status).toBe(200);
    expect((await through({ 'x-forwarded-proto': 'https' })).status).toBe(200);
    const redirected = await through({ 'x-forwarded-proto': 'http' }, '//evil.example.org');
    expect([redirected.status, redirected.headers.location]).toEqual([308, 'https://chat.example.org//evil.example.org']);
    // Of somebody who is no proxy of ours it means nothing.
    const forged = await ask(at(host), { headers: { host: 'other.example.org', 'x-forwarded-proto': 'https' } });
    expect(forged.status).toBe(403);
  });

  it('it is served over HTTPS', async ({ skip }) => {
    const certificate = makeCertificate();
    skip(certificate === undefined, 'openssl is missing');
    const { cert = '', key = '' } = certificate ?? {};
    const { host } = await lab.server({ http: '127.0.0.1:0', app: app(), httpCert: cert, httpKey: key });
    expect(host.ready.http).toMatch(/^https:/);
    expect((await ask(at(host), { headers: { host: 'chat.example.org' } })).status).toBe(200);
    expect((await ask(at(host), { path: '/healthz' })).status).toBe(200);
    await expect(
      lab.start({ data: lab.dir('x'), nodeType: 'server', http: '127.0.0.1:0', tls: '127.0.0.1:0', httpCert: cert }),
    ).rejects.toMatchObject({ code: 'bad-argument' });
    const wrong = { data: lab.dir('x'), nodeType: 'server', http: '127.0.0.1:0', tls: '127.0.0.1:0' } as const;
    await expect(lab.start({ ...wrong, httpCert: key, httpKey: cert })).rejects.toMatchObject({ code: 'bad-certificate' });
    await expect(lab.start({ ...wrong, httpCert: lab.dir('none'), httpKey: key })).rejects.toMatchObject({ code: 'not-found' });
    await expect(lab.start({ ...wrong, httpProxies: ['chat.example.org'] })).rejects.toMatchObject({ code: 'bad-argument' });
    expect(readFileSync(cert, 'utf8')).toContain('BEGIN CERTIFICATE');
  });
});

function makeCertificate(): { cert: string; key: string } | undefined {
  const [cert, key] = [join(lab.root, 'cert.pem'), join(lab.root, 'key.pem')];
  const subject = ['-subj', '/CN=chat.example.org', '-addext', 'subjectAltName=DNS:chat.example.org'];
  try {
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ed25519', '-nodes', '-keyout', key, '-out', cert, ...subject], {
      stdio: 'ignore',
    });
    return { cert, key };
  } catch (error) {
    if (Reflect.get(Object(error), 'code') === 'ENOENT') return undefined;
    throw error;
  }
}
