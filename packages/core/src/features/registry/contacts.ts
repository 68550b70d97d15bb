import { nodeIdBytes, PUBLIC_KEY_BYTES } from '../../identity/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Crypto } from '../../ports/crypto.ts';
import { RecentMap } from '../../util/bounded.ts';
import { concat, latin } from '../../util/bytes.ts';
import { guidFromBytes } from '../../util/guid.ts';
import { parseUdpAddress, readUdpAddress, type UdpAddress } from './addresses.ts';
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

const REMEMBERED = 16_384;
const REMEMBERED_MS = 10 * 60_000;

/**
 * Contacts and addresses, remembered: each lookup hears of the same ones again, and to work out an id costs more than to remember it. Nodes of
 * one process may share one.
 */
export class ContactBook {
  readonly #crypto: Crypto;
  readonly #clock: Clock;
  readonly #known: RecentMap<string, Contact>;
  readonly #addresses: RecentMap<string, UdpAddress>;

  constructor(crypto: Crypto, clock: Clock, capacity: number = REMEMBERED) {
    this.#crypto = crypto;
    this.#clock = clock;
    this.#known = new RecentMap(capacity, REMEMBERED_MS, clock.monotonic());
    this.#addresses = new RecentMap(capacity, REMEMBERED_MS, clock.monotonic());
  }

  /** Undefined for what no packet can be sent to. */
  address(text: string): UdpAddress | undefined {
    const now = this.#clock.monotonic();
    const known = this.#addresses.get(text, now);
    if (known) return known;
    const address = parseUdpAddress(text);
    if (address) this.#addresses.set(text, address, now);
    return address;
  }

  of(key: Uint8Array, address: UdpAddress): Contact {
    return this.#make(concat(key, address.bytes), address, this.#clock.monotonic());
  }

  /** The contacts in an answer. Those that no packet can be sent to are left out, and so is loopback where it cannot mean this machine. */
  read(contacts: Uint8Array, loopback: boolean): Contact[] {
    const found: Contact[] = [];
    const now = this.#clock.monotonic();
    let at = 0;
    for (let length = contactBytes(contacts, at); length > 0; length = contactBytes(contacts, at)) {
      const wire = contacts.subarray(at, at + length);
      const contact = this.#known.get(latin(wire), now) ?? this.#read(wire, now);
      if (contact && (loopback || !contact.address.loopback)) found.push(contact);
      at += length;
    }
    return found;
  }

  #read(wire: Uint8Array, now: number): Contact | undefined {
    const address = readUdpAddress(wire, PUBLIC_KEY_BYTES);
    return address && this.#make(concat(wire.subarray(0, PUBLIC_KEY_BYTES), address.bytes), address, now);
  }

  #make(wire: Uint8Array, address: UdpAddress, now: number): Contact {
    const name = latin(wire);
    const known = this.#known.get(name, now);
    if (known) return known;
    const key = wire.slice(0, PUBLIC_KEY_BYTES);
    const id = nodeIdBytes(this.#crypto, key);
    const contact: Contact = { key, nodeId: guidFromBytes(id), id, address, wire, name };
    this.#known.set(name, contact, now);
    return contact;
  }
}
