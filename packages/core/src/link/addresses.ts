import { ipBytes, ipText } from '../util/ip.ts';

/** Counts connections by network (see `networkOf`), and refuses those above a limit. Addresses get quotas only, never bans (WIRE "Opening a link"). */
export class AddressQuota {
  readonly #limit: number;
  readonly #counts = new Map<string, number>();

  /** `limit`: connections from one network at a time, loopback excepted. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether one more connection with this `HOST:PORT` is within the limit. */
  admits(address: string): boolean {
    const network = networkOf(address);
    return network === undefined || (this.#counts.get(network) ?? 0) < this.#limit;
  }

  enter(address: string): void {
    const network = networkOf(address);
    if (network !== undefined) this.#counts.set(network, (this.#counts.get(network) ?? 0) + 1);
  }

  leave(address: string): void {
    const network = networkOf(address);
    if (network === undefined) return;
    const count = (this.#counts.get(network) ?? 0) - 1;
    if (count > 0) this.#counts.set(network, count);
    else this.#counts.delete(network);
  }
}

/**
 * Where a `HOST:PORT` belongs, for quotas: its IPv4 address, or the /64 of its IPv6 address, all of which one subscriber has (RFC 6177).
 * Undefined for loopback, which everybody on this machine shares.
 */
export function networkOf(address: string): string | undefined {
  const host = address.slice(0, address.lastIndexOf(':')).replace(/^\[(?:::ffff:(?=\d+\.))?(.*?)(?:%.*)?\]$/, '$1');
  if (host === '::1' || host === 'localhost' || /^127\.\d+\.\d+\.\d+$/.test(host)) return undefined;
  if (!host.includes(':')) return host;
  const [head = '', tail] = host.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...new Array<string>(zeros).fill('0'), ...right].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}

/** Takes `HOST:PORT` or `[IPV6]:PORT` apart, brackets removed. Undefined for anything else. */
export function splitAddress(address: string): { readonly host: string; readonly port: number } | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([0-9A-Fa-f:.]+(?:%[\w.-]+)?)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(address) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  return host === undefined || !(port <= 65_535) ? undefined : { host: host.replace(/^::ffff:(?=\d+\.)/i, ''), port };
}

/** Whether a host, without brackets, stands for all addresses of a machine. */
export function isWildcard(host: string): boolean {
  return ipOf(host)?.every((byte) => byte === 0) ?? false;
}

/**
 * Whether a host is a number in a form that is no address here and is one to resolvers: `127.1`, `0x7f000001`, `2130706433` (as URLs tell
 * it: the last label is a number).
 */
export function isNumeric(host: string): boolean {
  return ipOf(host) === undefined && /(?:^|\.)(?:\d+|0x[\da-f]*)\.?$/i.test(host);
}

const PRIVATE_IPV4 = /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/;

/** From where a host, without brackets, can be reached, however it is written. Names count as global. */
export function reachOf(host: string): 'loopback' | 'private4' | 'private6' | 'global4' | 'global6' {
  const ip = ipOf(host);
  if (ip?.length === 4) {
    if (ip[0] === 127 || ip[0] === 0) return 'loopback';
    return PRIVATE_IPV4.test(ip.join('.')) ? 'private4' : 'global4';
  }
  if (ip) {
    const text = ipText(ip);
    return text === '::1' ? 'loopback' : /^f(?:[cd]|e[89a-f])/.test(text) ? 'private6' : 'global6';
  }
  return host.includes(':') ? 'private6' : /(?:^|\.)localhost\.?$/i.test(host) ? 'loopback' : 'global4';
}

/** The bytes of an address, without its zone; the four of an IPv4 address where it is written as IPv6. */
function ipOf(host: string): Uint8Array | undefined {
  const ip = ipBytes(host.replace(/%.*$/, ''));
  return ip?.length === 16 && ip.subarray(0, 12).join() === MAPPED_IPV4 ? ip.subarray(12) : ip;
}

/** `::ffff:0:0/96`. */
const MAPPED_IPV4 = '0,0,0,0,0,0,0,0,0,0,255,255';
