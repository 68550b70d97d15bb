import { isIP, isIPv4, isIPv6 } from 'node:net';
import { ParleyError } from '@parley/core';

/** A socket address taken apart. `host` is an IP address without brackets, or a DNS name. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

const MAPPED = '::ffff:';
const NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252})$/;

/** Takes `HOST:PORT` or `[IPV6]:PORT` (S2 "address") apart. Throws `bad-argument`. */
export function parseAddress(address: string): HostPort {
  const bracketed = /^\[([^\]]+)\]:(\d{1,5})$/.exec(address);
  const plain = bracketed ?? /^([^:[\]]+):(\d{1,5})$/.exec(address);
  const host = plain?.[1] ?? '';
  const port = Number(plain?.[2] ?? Number.NaN);
  const hostFits = bracketed ? isIPv6(host) : isIPv4(host) || (NAME.test(host) && isIP(host) === 0);
  if (!hostFits || !(port <= 65535))
    throw new ParleyError('bad-argument', `not an address of the form HOST:PORT: ${address.slice(0, 300)}`);
  return { host, port };
}

/** An IPv4 address that a dual-stack socket shows as IPv6 becomes IPv4 again. */
export function plainHost(host: string): string {
  return host.startsWith(MAPPED) && isIPv4(host.slice(MAPPED.length)) ? host.slice(MAPPED.length) : host;
}

/** `HOST:PORT`, with brackets around IPv6. */
export function formatAddress(host: string, port: number): string {
  const plain = plainHost(host);
  return plain.includes(':') ? `[${plain}]:${port}` : `${plain}:${port}`;
}

export function isLoopback(host: string): boolean {
  const plain = plainHost(host);
  return plain === '::1' || (isIPv4(plain) && plain.startsWith('127.'));
}

/**
 * What limits are counted by: an IPv4 address, or the first 64 bits of an IPv6 address, since whoever has one address
 * there has all of them.
 */
export function addressGroup(host: string): string {
  const plain = plainHost(host);
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = (plain.split('%')[0] ?? '').split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  // A dotted end stands for two groups.
  const dotted = (back.at(-1) ?? front.at(-1) ?? '').includes('.') ? 1 : 0;
  const missing = tail === undefined ? 0 : Math.max(0, 8 - dotted - front.length - back.length);
  const groups = [...front, ...Array<string>(missing).fill('0'), ...back].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
