import type { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { ParleyError } from '@parley/core';
import { formatAddress, isLoopback } from '../tls/address.ts';

export interface SiteOptions {
  /** The certificate of the listener, where TLS ends here. */
  readonly certificate?: X509Certificate | undefined;
  /** Origins (`https://chat.example.org`) under which a proxy that ends TLS passes requests on to the listener. */
  readonly proxies?: readonly string[] | undefined;
  /** Origins of other pages that may open links here; `*` for all. */
  readonly origins?: readonly string[] | undefined;
}

/** How a request came to a listener, as the browser sees it. */
export interface Visit {
  /** `https://chat.example.org`, `http://127.0.0.1:4718` */
  readonly origin: string;
  /** `HOST:PORT`, lower-case, the port always there: what a PROOF is tied to (WIRE "Opening a link"). */
  readonly binding: string;
  /** Whether a browser takes the page for secure: by TLS, here or at a proxy, or because nothing leaves the machine. */
  readonly secure: boolean;
  /** Whether the name by which the listener was called is one of its own. */
  readonly known: boolean;
  /** `HOST:PORT` of who asks; of a proxy's, with the proxy's port. */
  readonly address: string;
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** An origin as browsers write it. Throws `bad-argument` for what is none. */
export function parseOrigin(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !(url.protocol in DEFAULT_PORTS) || `${url.origin}/` !== url.href)
    throw new ParleyError('bad-argument', `not an origin of the form https://HOST or https://HOST:PORT: ${text.slice(0, 300)}`);
  return url;
}

function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

function isLoopbackName(hostname: string): boolean {
  return hostname === 'localhost' || isLoopback(bare(hostname));
}

function bindingOf(url: URL): string {
  return `${url.hostname}:${url.port || DEFAULT_PORTS[url.protocol]}`;
}

/** `Host` under a scheme, or nothing where it is none. */
function called(scheme: string, host: string | undefined): URL | undefined {
  const text = `${scheme}//${host ?? ''}/`;
  const url = host !== undefined && URL.canParse(text) ? new URL(text) : undefined;
  return url && `${url.origin}/` === url.href ? url : undefined;
}

function lastOf(header: string | string[] | undefined): string | undefined {
  return [header].flat().join(',').split(',').at(-1)?.trim();
}

/**
 * Under which names a listener is reached, and what that means. Names count: a PROOF is tied to the name that the browser used, so a server
 * that took any name would serve whoever stands between as well; and by a name of its own any page could be made to point to this machine.
 */
export class Site {
  #certificate: X509Certificate | undefined;
  readonly #proxies: readonly URL[];
  readonly #origins: ReadonlySet<string>;

  /** Throws `bad-argument` for what is no origin. */
  constructor(options: SiteOptions = {}) {
    this.#certificate = options.certificate;
    this.#proxies = (options.proxies ?? []).map(parseOrigin);
    this.#origins = new Set((options.origins ?? []).map((origin) => (origin === '*' ? origin : parseOrigin(origin).origin)));
  }

  /** The listener has another certificate from now on, perhaps for other names. */
  certify(certificate: X509Certificate): void {
    this.#certificate = certificate;
  }

  /** Whether addresses of connections are those of a proxy. */
  get proxied(): boolean {
    return this.#proxies.length > 0;
  }

  /** Undefined where the request does not say by which name it came. */
  visit({ headers, socket }: IncomingMessage): Visit | undefined {
    const scheme = this.#certificate ? 'https:' : 'http:';
    const peer = socket.remoteAddress ?? '';
    const port = socket.remotePort ?? 0;
    const proxy = this.#proxies.find((origin) => called(origin.protocol, headers.host)?.origin === origin.origin);
    if (proxy) {
      const forwarded = lastOf(headers['x-forwarded-for']) ?? '';
      const secure = proxy.protocol === 'https:' && (lastOf(headers['x-forwarded-proto']) || 'https') === 'https';
      const address = formatAddress(isIP(forwarded) ? forwarded : peer, port);
      return { origin: proxy.origin, binding: bindingOf(proxy), secure, known: true, address };
    }
    const url = called(scheme, headers.host);
    if (!url) return undefined;
    const local = isLoopback(peer) && isLoopbackName(url.hostname);
    const known = local || this.#isCertified(bare(url.hostname));
    return { origin: url.origin, binding: bindingOf(url), secure: local || scheme === 'https:', known, address: formatAddress(peer, port) };
  }

  /**
   * Whether a page may open links: one of this site, one that was named, or, on this machine, any of this machine. A program that is no
   * browser sends no `Origin`.
   */
  admits(visit: Visit, origin: string | undefined): boolean {
    if (origin === undefined || origin === visit.origin || this.#origins.has('*') || this.#origins.has(origin)) return true;
    const page = URL.canParse(origin) ? new URL(origin) : undefined;
    return page !== undefined && isLoopbackName(page.hostname) && isLoopbackName(new URL(visit.origin).hostname);
  }

  #isCertified(name: string): boolean {
    if (!this.#certificate) return false;
    return (isIP(name) ? this.#certificate.checkIP(name) : this.#certificate.checkHost(name)) !== undefined;
  }
}
