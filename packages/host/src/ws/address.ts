import { ParleyError } from '@parley/core';
import { formatAddress, isLoopback, parseAddress } from '../tls/address.ts';
import { LINK_PATH } from './settings.ts';

/** Where to dial, and what a PROOF is tied to. */
export interface WsTarget {
  readonly url: URL;
  /** `HOST:PORT`, the port always there. */
  readonly binding: string;
}

/** Whether an address is for this transport: `ws://…` or `wss://…`. */
export function isWsAddress(address: string): boolean {
  return /^wss?:\/\//i.test(address);
}

/**
 * Takes `ws://HOST:PORT/link` or `wss://…` apart; without a path it is the usual one. `HOST:PORT` alone is plain on loopback and `wss:`
 * elsewhere. Throws `bad-argument`: also for plain `ws:` to another machine, where anybody between could read and change everything.
 */
export function parseWsAddress(address: string): WsTarget {
  const fail = (why: string): never => {
    throw new ParleyError('bad-argument', `${why}: ${address.slice(0, 300)}`);
  };
  let text = address;
  if (!isWsAddress(address)) {
    const { host, port } = parseAddress(address);
    if (port === 0) fail('port 0 is for listening');
    text = `${isLoopback(host) || host === 'localhost' ? 'ws' : 'wss'}://${formatAddress(host, port)}`;
  }
  if (!URL.canParse(text)) fail('not an address of the form wss://HOST:PORT');
  const url = new URL(text);
  if (url.hostname === '' || url.port === '0' || url.username !== '' || url.password !== '' || url.hash !== '') {
    fail('not an address of the form wss://HOST:PORT');
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (url.protocol === 'ws:' && !isLoopback(host) && host !== 'localhost') {
    fail('plain ws: is for this machine alone; use wss: (its server needs HTTPS)');
  }
  if (url.pathname === '/') url.pathname = LINK_PATH;
  return { url, binding: `${url.hostname}:${url.port || (url.protocol === 'ws:' ? '80' : '443')}` };
}
