import { ParleyError } from '@parley/core';

/** Where the WebSocket of a server is, taken apart. */
export interface ServerAddress {
  /** `ws://HOST/link` or `wss://…`, as the browser writes it. */
  readonly url: string;
  /** Host in lower case with its port, those of the schemes too: what a PROOF on the connection names. */
  readonly hostPort: string;
}

const PATH = '/link';
const HOST_PORT = /^(?:\[[0-9A-Fa-f:.]+\]|[^:/?#@[\]\s]+):([0-9]{1,5})$/;

const bad = (text: string, why: string): ParleyError =>
  new ParleyError('bad-argument', `not an address of a server: ${text.slice(0, 200)} (${why})`);

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function parseUrl(text: string): URL {
  if (!URL.canParse(text)) throw bad(text, 'no URL');
  const url = new URL(text);
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') throw bad(text, 'neither ws: nor wss:');
  if (url.hostname === '' || url.port === '0') throw bad(text, 'no host, or no port to connect to');
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw bad(text, 'it has more than a host and a path');
  // WIRE "Opening a link": what is said before a link is proved would be readable on the way.
  if (url.protocol === 'ws:' && !isLoopback(url.hostname)) throw bad(text, 'plain ws: is for this machine alone: use wss:');
  if (url.pathname === '/') url.pathname = PATH;
  return url;
}

/** Takes `ws://…`, `wss://…` or `HOST:PORT` (on this machine by `ws:`, elsewhere by `wss:`). Throws `bad-argument`. */
export function parseServerAddress(text: string): ServerAddress {
  const plain = HOST_PORT.exec(text);
  if (!plain && !/^wss?:\/\//i.test(text)) throw bad(text, 'neither HOST:PORT nor a URL');
  if (plain && Number(plain[1]) > 65_535) throw bad(text, 'no such port');
  const url = plain
    ? parseUrl(`${isLoopback(text.slice(0, text.lastIndexOf(':')).toLowerCase()) ? 'ws' : 'wss'}://${text}`)
    : parseUrl(text);
  const port = url.port !== '' ? url.port : url.protocol === 'ws:' ? '80' : '443';
  return { url: url.href, hostPort: `${url.hostname}:${port}` };
}

/** The URL of a server as a person may give it: also a page's address (`https://…`), or a host alone. Throws `bad-argument`. */
export function serverUrl(typed: string): string {
  const text = typed.trim();
  const web = /^(https?):\/\/([^/?#]+)\/?$/i.exec(text);
  if (web) return parseServerAddress(`${web[1]?.toLowerCase() === 'http' ? 'ws' : 'wss'}://${web[2]}`).url;
  const host = /^[^:/?#@\s]+$/.test(text);
  return parseServerAddress(host ? `${isLoopback(text.toLowerCase()) ? 'ws' : 'wss'}://${text}` : text).url;
}

/** The server that a page came from; undefined where it came from none (a file). */
export function ownServerUrl({ protocol, host }: { readonly protocol: string; readonly host: string }): string | undefined {
  if (host === '' || (protocol !== 'http:' && protocol !== 'https:')) return undefined;
  return serverUrl(`${protocol}//${host}`);
}
