import { ipBytes, ipText } from '../../util/ip.ts';

/** Where a packet comes from or goes to: IPv4 or IPv6. */
export interface UdpAddress {
  /** `HOST:PORT`, an IPv6 address in brackets. */
  readonly text: string;
  /** 4 or 6, the address, and the port: 7 or 19 bytes. */
  readonly bytes: Uint8Array;
  /** Its /24 or /48 (WIRE "UDP"); undefined for loopback, which everybody on this machine shares. */
  readonly network: string | undefined;
  readonly loopback: boolean;
}

const V4_BYTES = 7;
const V6_BYTES = 19;
const MAPPED = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff);

/** Undefined for names, and for what no packet can be sent to: port 0, an unspecified or multicast address. */
export function parseUdpAddress(text: string): UdpAddress | undefined {
  const at = text.lastIndexOf(':');
  const port = /^\d{1,5}$/.test(text.slice(at + 1)) ? Number(text.slice(at + 1)) : 0;
  const host = text.slice(0, at);
  // A zone is of no use to others.
  const ip = ipBytes(host.replace(/^\[(.*?)(?:%.*)?\]$/, '$1'));
  if (!ip || port > 0xffff || host.startsWith('[') !== (ip.length === 16)) return undefined;
  const bytes = new Uint8Array(ip.length + 3);
  bytes[0] = ip.length === 4 ? 4 : 6;
  bytes.set(ip, 1);
  bytes[ip.length + 1] = port >> 8;
  bytes[ip.length + 2] = port & 0xff;
  return readUdpAddress(bytes, 0);
}

/** How many bytes an address at `offset` takes; 0 when there is none. */
export function udpAddressBytes(bytes: Uint8Array, offset: number): number {
  const length = bytes[offset] === 4 ? V4_BYTES : bytes[offset] === 6 ? V6_BYTES : 0;
  return offset + length <= bytes.length ? length : 0;
}

/** Undefined for what is malformed, and for what no packet can be sent to. */
export function readUdpAddress(source: Uint8Array, offset: number): UdpAddress | undefined {
  const length = udpAddressBytes(source, offset);
  if (length === 0) return undefined;
  let bytes = new Uint8Array(source.subarray(offset, offset + length));
  // One form of each address: an IPv4 address is not written as an IPv6 one.
  if (length === V6_BYTES && MAPPED.every((byte, i) => bytes[1 + i] === byte)) bytes = Uint8Array.of(4, ...bytes.subarray(13));
  const port = ((bytes[bytes.length - 2] as number) << 8) | (bytes[bytes.length - 1] as number);
  // A copy: a view would make each address of thousands keep a buffer outside of the heap.
  const ip = bytes.slice(1, bytes.length - 2);
  if (port === 0) return undefined;
  return ip.length === 4 ? v4(bytes, ip, port) : v6(bytes, ip, port);
}

function v4(bytes: Uint8Array, ip: Uint8Array, port: number): UdpAddress | undefined {
  const first = ip[0] as number;
  if (first === 0 || first >= 224) return undefined;
  const loopback = first === 127;
  const network = loopback ? undefined : `${first}.${ip[1]}.${ip[2]}`;
  return { text: `${first}.${ip[1]}.${ip[2]}.${ip[3]}:${port}`, bytes, network, loopback };
}

function v6(bytes: Uint8Array, ip: Uint8Array, port: number): UdpAddress | undefined {
  const low = ip.subarray(0, 15).every((byte) => byte === 0);
  if (ip[0] === 0xff || (low && ip[15] === 0)) return undefined;
  const loopback = low && ip[15] === 1;
  const text = ipText(ip);
  const network = loopback ? undefined : [0, 2, 4].map((at) => (((ip[at] as number) << 8) | (ip[at + 1] as number)).toString(16)).join(':');
  return { text: `[${text}]:${port}`, bytes, network, loopback };
}
