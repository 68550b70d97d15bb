import { nodeIdOf, PUBLIC_KEY_BYTES } from '../../identity/ids.ts';
import type { Crypto } from '../../ports/crypto.ts';
import { LruMap } from '../../util/bounded.ts';
import { concat } from '../../util/bytes.ts';
import { parseUdpAddress, readUdpAddress, type UdpAddress } from './addresses.ts';
import { idOf } from './ids.ts';
import { contactBytes } from './packets.ts';

/** A server that answers over UDP, or is said to: a key at an address (WIRE "UDP"). */
export interface Contact {
  readonly key: Uint8Array;
  readonly nodeId: string;
  readonly id: Uint8Array;
  readonly address: UdpAddress;
  /** As packets carry it. */
  readonly wire: Uint8Array;
  /** The same, as the key of a map. */
  readonly name: string;
}

/** Contacts and addresses, remembered: each lookup hears of the same ones again, and to work out an id costs more than to remember it. */
export class ContactBook {
  readonly #crypto: Crypto;
  readonly #known = new LruMap<string, Contact>(16_384);
  readonly #addresses = new LruMap<string, UdpAddress>(16_384);

  constructor(crypto: Crypto) {
    this.#crypto = crypto;
  }

  /** Undefined for what no packet can be sent to. */
  address(text: string): UdpAddress | undefined {
    const known = this.#addresses.get(text);
    if (known) return known;
    const address = parseUdpAddress(text);
    if (address) this.#addresses.set(text, address);
    return address;
  }

  of(key: Uint8Array, address: UdpAddress): Contact {
    return this.#make(concat(key, address.bytes), address);
  }

  /** The contacts in an answer. Those that no packet can be sent to are left out, and so is loopback where it cannot mean this machine. */
  read(contacts: Uint8Array, loopback: boolean): Contact[] {
    const found: Contact[] = [];
    let at = 0;
    for (let length = contactBytes(contacts, at); length > 0; length = contactBytes(contacts, at)) {
      const wire = contacts.subarray(at, at + length);
      const contact = this.#known.get(latin(wire)) ?? this.#read(wire);
      if (contact && (loopback || !contact.address.loopback)) found.push(contact);
      at += length;
    }
    return found;
  }

  #read(wire: Uint8Array): Contact | undefined {
    const address = readUdpAddress(wire, PUBLIC_KEY_BYTES);
    return address && this.of(wire.subarray(0, PUBLIC_KEY_BYTES), address);
  }

  #make(wire: Uint8Array, address: UdpAddress): Contact {
    const name = latin(wire);
    const known = this.#known.get(name);
    if (known) return known;
    const key = wire.subarray(0, PUBLIC_KEY_BYTES);
    const nodeId = nodeIdOf(this.#crypto, key);
    const contact: Contact = { key, nodeId, id: idOf(nodeId) as Uint8Array, address, wire, name };
    this.#known.set(name, contact);
    return contact;
  }
}

/** One character a byte: bytes as the key of a map. */
export function latin(bytes: Uint8Array): string {
  return String.fromCharCode.apply(undefined, bytes as unknown as number[]);
}
