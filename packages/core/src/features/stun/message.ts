import { splitAddress } from '../../link/index.ts';
import { ipBytes, ipText } from '../../util/ip.ts';

/** STUN messages (RFC 8489), as far as Binding needs them. */

export const REQUEST = 0x0001;
export const INDICATION = 0x0011;
export const SUCCESS = 0x0101;
export const FAILURE = 0x0111;

export const ATTRIBUTE = {
  xorMappedAddress: 0x0020,
  errorCode: 0x0009,
  unknownAttributes: 0x000a,
  fingerprint: 0x8028,
} as const;

/** Comprehension-required attributes of RFC 8489: known, though Binding without credentials has no use for them. */
const KNOWN = new Set<number>([0x0001, 0x0006, 0x0008, 0x0009, 0x000a, 0x0014, 0x0015, 0x001c, 0x001d, 0x001e, 0x0020]);

export const HEADER_BYTES = 20;
export const TRANSACTION_BYTES = 12;
const COOKIE = 0x2112_a442;
const FINGERPRINT_XOR = 0x5354_554e;
const FINGERPRINT_BYTES = 8;

export interface Attribute {
  readonly type: number;
  readonly value: Uint8Array;
}

export interface StunMessage {
  readonly type: number;
  readonly transaction: Uint8Array;
  /** In order; FINGERPRINT is checked, and not among them. */
  readonly attributes: readonly Attribute[];
  readonly fingerprinted: boolean;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1;
  return crc;
});

/** CRC-32 of ITU V.42, which FINGERPRINT uses (RFC 8489 section 14.7). */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ byte) & 255] ?? 0);
  return ~crc >>> 0;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const padded = (length: number): number => (length + 3) & ~3;

/** Undefined for what is no STUN message of RFC 8489: wrong length, no magic cookie, a fingerprint that does not fit. */
export function decode(packet: Uint8Array): StunMessage | undefined {
  if (packet.length < HEADER_BYTES) return undefined;
  const data = view(packet);
  const type = data.getUint16(0);
  if (type >= 0x4000 || data.getUint32(4) !== COOKIE) return undefined;
  if (data.getUint16(2) !== packet.length - HEADER_BYTES || packet.length % 4 !== 0) return undefined;
  const attributes: Attribute[] = [];
  let fingerprinted = false;
  for (let at = HEADER_BYTES; at < packet.length; ) {
    const kind = data.getUint16(at);
    const length = data.getUint16(at + 2);
    const end = at + 4 + padded(length);
    if (end > packet.length) return undefined;
    if (kind === ATTRIBUTE.fingerprint) {
      // The last one, over all before it.
      if (length !== 4 || end !== packet.length) return undefined;
      if (data.getUint32(at + 4) !== (crc32(packet.subarray(0, at)) ^ FINGERPRINT_XOR) >>> 0) return undefined;
      fingerprinted = true;
    } else attributes.push({ type: kind, value: packet.subarray(at + 4, at + 4 + length) });
    at = end;
  }
  return { type, transaction: packet.subarray(8, HEADER_BYTES), attributes, fingerprinted };
}

export function encode({ type, transaction, attributes, fingerprinted }: StunMessage): Uint8Array<ArrayBuffer> {
  const body = attributes.reduce((sum, { value }) => sum + 4 + padded(value.length), 0) + (fingerprinted ? FINGERPRINT_BYTES : 0);
  const packet = new Uint8Array(HEADER_BYTES + body);
  const data = view(packet);
  data.setUint16(0, type);
  data.setUint16(2, body);
  data.setUint32(4, COOKIE);
  packet.set(transaction, 8);
  let at = HEADER_BYTES;
  for (const { type: kind, value } of attributes) {
    data.setUint16(at, kind);
    data.setUint16(at + 2, value.length);
    packet.set(value, at + 4);
    at += 4 + padded(value.length);
  }
  if (fingerprinted) {
    data.setUint16(at, ATTRIBUTE.fingerprint);
    data.setUint16(at + 2, 4);
    data.setUint32(at + 4, crc32(packet.subarray(0, at)) ^ FINGERPRINT_XOR);
  }
  return packet;
}

/** Types of attributes that the sender wants understood, and we do not know; each once. */
export function unknownRequired({ attributes }: StunMessage): number[] {
  return [...new Set(attributes.map(({ type }) => type))].filter((type) => type < 0x8000 && !KNOWN.has(type));
}

/** What an address is hidden with: the magic cookie and the transaction (RFC 8489 section 14.2). */
function mask(transaction: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(16);
  view(bytes).setUint32(0, COOKIE);
  bytes.set(transaction, 4);
  return bytes;
}

/** XOR-MAPPED-ADDRESS of `HOST:PORT`; undefined where the host is no IP address. */
export function mappedAddress(address: string, transaction: Uint8Array): Attribute | undefined {
  const { host, port } = splitAddress(address) ?? { host: '', port: 0 };
  const ip = ipBytes(host.replace(/%.*$/, ''));
  if (!ip) return undefined;
  const value = new Uint8Array(4 + ip.length);
  value[1] = ip.length === 4 ? 1 : 2;
  view(value).setUint16(2, port ^ (COOKIE >>> 16));
  const hidden = mask(transaction);
  for (const [i, byte] of ip.entries()) value[4 + i] = byte ^ (hidden[i] ?? 0);
  return { type: ATTRIBUTE.xorMappedAddress, value };
}

/** The `HOST:PORT` in a message's XOR-MAPPED-ADDRESS; undefined where there is none that fits. */
export function readMappedAddress({ attributes, transaction }: StunMessage): string | undefined {
  const value = attributes.find(({ type }) => type === ATTRIBUTE.xorMappedAddress)?.value;
  if (!value || value.length !== (value[1] === 1 ? 8 : value[1] === 2 ? 20 : -1)) return undefined;
  const port = view(value).getUint16(2) ^ (COOKIE >>> 16);
  const hidden = mask(transaction);
  const ip = value.subarray(4).map((byte, i) => byte ^ (hidden[i] ?? 0));
  return ip.length === 4 ? `${ipText(ip)}:${port}` : `[${ipText(ip)}]:${port}`;
}

/** 420 Unknown Attribute, without words: nobody reads them, and they would make the answer longer. */
export function unknownAttributes(types: readonly number[]): Attribute[] {
  const list = new Uint8Array(2 * types.length);
  for (const [i, type] of types.entries()) view(list).setUint16(2 * i, type);
  return [
    { type: ATTRIBUTE.errorCode, value: Uint8Array.of(0, 0, 4, 20) },
    { type: ATTRIBUTE.unknownAttributes, value: list },
  ];
}

/** Of an error response, such as 420; undefined where it has none. */
export function readErrorCode({ attributes }: StunMessage): number | undefined {
  const value = attributes.find(({ type }) => type === ATTRIBUTE.errorCode)?.value;
  return value && value.length >= 4 ? ((value[2] ?? 0) & 7) * 100 + (value[3] ?? 0) : undefined;
}
