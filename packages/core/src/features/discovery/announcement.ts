import { purposeBytes } from '../../identity/index.ts';
import { DISCOVERY_BYTES } from '../../overlay/index.ts';
import { base64 } from '../../util/base64.ts';
import { concat } from '../../util/bytes.ts';

/**
 * An announcement (wire.md "LAN discovery"): 0xC1, version, node type, 0, TLS port (16 bits), 16 zero bits, time (64 bits, milliseconds
 * since 1970), public key (32 bytes), whatever later versions add, signature (64 bytes).
 */
export interface Announcement {
  readonly nodeType: 'client' | 'server';
  /** Where it listens for links, at the host from which the announcement comes. */
  readonly port: number;
  readonly time: number;
  readonly publicKey: Uint8Array;
}

const VERSION = 1;
const SIGNATURE_BYTES = 64;
const KEY_AT = 16;
const BODY_BYTES = KEY_AT + 32;

const signedText = (body: Uint8Array): Uint8Array => purposeBytes('lan', base64(body));

export interface Received extends Announcement {
  /** What the signature is over. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

/** Undefined for what is none. The signature is not checked here. */
export function decodeAnnouncement(packet: Uint8Array): Received | undefined {
  if (packet.length < BODY_BYTES + SIGNATURE_BYTES || packet[0] !== DISCOVERY_BYTES.from || packet[1] !== VERSION) return undefined;
  const data = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const [port, time] = [data.getUint16(4), Number(data.getBigUint64(8))];
  if ((packet[2] ?? 2) > 1 || port === 0 || !Number.isSafeInteger(time)) return undefined;
  const body = packet.subarray(0, packet.length - SIGNATURE_BYTES);
  return {
    nodeType: packet[2] === 1 ? 'server' : 'client',
    port,
    time,
    publicKey: packet.slice(KEY_AT, BODY_BYTES),
    signed: signedText(body),
    signature: packet.slice(body.length),
  };
}

export async function encodeAnnouncement(
  { nodeType, port, time, publicKey }: Announcement,
  sign: (data: Uint8Array) => Uint8Array | Promise<Uint8Array>,
): Promise<Uint8Array> {
  const body = new Uint8Array(BODY_BYTES);
  const data = new DataView(body.buffer);
  body.set([DISCOVERY_BYTES.from, VERSION, nodeType === 'server' ? 1 : 0]);
  data.setUint16(4, port);
  data.setBigUint64(8, BigInt(time));
  body.set(publicKey, KEY_AT);
  return concat(body, await sign(signedText(body)));
}
