import type { Certificate, CertificateReader } from '../identity/certificate.ts';
import type { Identity } from '../identity/identity.ts';
import type { KeyBook } from '../identity/ids.ts';
import { nameFault } from '../identity/names.ts';
import { purposeBytes } from '../identity/signature.ts';
import type { Ports } from '../ports/index.ts';
import type { Connection } from '../ports/transport.ts';
import { type Awaitable, chain } from '../util/awaitable.ts';
import { base64, fromBase64 } from '../util/base64.ts';
import { ParleyError } from '../util/errors.ts';
import { canonicalJson, type JsonObject } from '../wire/json.ts';
import { timestamp } from '../wire/message.ts';
import type { DataOf } from '../wire/verb.ts';
import type { Peer } from './link.ts';
import type { Dial, HELLO } from './verbs.ts';

/** What judges a peer whose key is proved or about to be. */
export interface Admission {
  readonly certificates: CertificateReader;
  /** Why this peer may not have a link (trust mode `ca`), or undefined. Without a certificate: one that only proves a key. */
  readonly admit: (certificate: Certificate | undefined) => Awaitable<string | undefined>;
}

export interface LocalNode {
  readonly identity: Identity;
  readonly nodeType: 'client' | 'server';
  readonly relays: boolean;
  readonly version: string;
  /** Features that it offers: attributes of HELLO, with the value 1. */
  readonly offers?: readonly string[];
  /** Ports for the attribute `listens`; empty for none. */
  readonly listens?: () => string;
}

type Hello = DataOf<typeof HELLO>;

/** Of an error: the other side did not prove to be who it said it is. */
export const UNPROVED = { data: { unproved: true } };

/** The two sides' part in opening one link: what is said, and what the other's words prove. No timers, no I/O (WIRE "Opening a link"). */
export class Opening {
  readonly #local: LocalNode;
  readonly #connection: Connection;
  readonly #ports: Ports;
  readonly #keys: KeyBook;
  readonly #admission: Admission;
  readonly #nonce: string | undefined;
  readonly #dial: Dial | undefined;
  /** Set by the first HELLO. */
  hello: Hello | undefined;
  peer: Peer | undefined;

  /** `dial`: ours, where we dialled. */
  constructor(local: LocalNode, connection: Connection, ports: Ports, keys: KeyBook, admission: Admission, dial: Dial | undefined) {
    this.#dial = dial;
    this.#local = local;
    this.#connection = connection;
    this.#ports = ports;
    this.#keys = keys;
    this.#admission = admission;
    this.#nonce = this.needsProof ? base64(ports.random.bytes(32)) : undefined;
  }

  /** Whether the transport left the key to be proved by PROOF. */
  get needsProof(): boolean {
    return this.#connection.peerCertificate === undefined;
  }

  /** What both sides know of the dial; undefined where the one who dialled does not say. */
  get dial(): Dial | undefined {
    return this.#connection.dialled ? this.#dial : this.hello?.dial;
  }

  ourHello(): JsonObject {
    const { identity, nodeType, relays, version } = this.#local;
    const attributes: Record<string, string> = { node_type: nodeType, name: identity.name };
    if (relays) attributes.relays = '1';
    for (const name of this.#local.offers ?? []) attributes[name] = '1';
    const listens = this.#local.listens?.();
    if (listens) attributes.listens = listens;
    const hello: JsonObject = {
      node_id: identity.nodeId,
      version,
      attributes,
      time: timestamp(this.#ports.clock.now()),
      seen_address: this.#connection.remoteAddress,
    };
    if (this.#nonce !== undefined) {
      hello.nonce = this.#nonce;
      hello.key = identity.keyId;
    }
    if (this.#dial) hello.dial = { ...this.#dial };
    return hello;
  }

  /**
   * Takes the other's HELLO. Returns whether the link is open already (the transport proved the key). Errors: `bad-certificate`, `refused`
   * when the node id does not match the key or a proof cannot be made.
   */
  takeHello(hello: Hello): Awaitable<boolean> {
    const der = this.#connection.peerCertificate;
    const certificate = der ? this.#admission.certificates.parse(der) : undefined;
    return chain(certificate, (read) => chain(this.#admission.admit(read), (reason) => this.#identify(hello, read, reason)));
  }

  #identify(hello: Hello, certificate: Certificate | undefined, refusal: string | undefined): boolean {
    if (refusal !== undefined) throw new ParleyError('refused', refusal);
    const keyId = certificate?.keyId ?? hello.key;
    const who = keyId === undefined ? undefined : this.#keys.resolve(keyId);
    if (keyId === undefined || !who) throw new ParleyError('refused', 'no key: neither a certificate nor a proof', UNPROVED);
    if (hello.key !== undefined && hello.key !== keyId)
      throw new ParleyError('refused', 'the key in HELLO is not the one that was proved', UNPROVED);
    if (who.nodeId !== hello.node_id) throw new ParleyError('refused', 'the node id does not match the key', UNPROVED);
    if (!certificate && hello.nonce === undefined) throw new ParleyError('refused', 'HELLO has no nonce to prove the key with', UNPROVED);
    this.hello = hello;
    const attributes = hello.attributes;
    this.peer = {
      nodeId: who.nodeId,
      keyId,
      publicKey: who.publicKey,
      certificate: this.#connection.peerCertificate,
      name: certificate?.name ?? ownName(attributes.name),
      nodeType: attributes.node_type === 'server' ? 'server' : 'client',
      relays: attributes.relays === '1',
      version: hello.version ?? '',
      attributes: Object.fromEntries(Object.entries(attributes).filter(([, value]) => typeof value === 'string')),
    };
    return !this.needsProof;
  }

  /** The PROOF that answers the other's HELLO. */
  ourProof(): Awaitable<JsonObject> {
    const text = this.#proofText(this.#connection.dialled, this.#local.identity.keyId, this.peer?.keyId, this.#nonce, this.hello?.nonce);
    return chain(this.#local.identity.sign(purposeBytes('link', text)), (signature) => ({ sig: base64(signature) }));
  }

  /** Whether the other's PROOF fits. */
  checkProof(sig: string): Awaitable<boolean> {
    const signature = fromBase64(sig);
    if (!this.peer || !signature) return false;
    const text = this.#proofText(!this.#connection.dialled, this.peer.keyId, this.#local.identity.keyId, this.hello?.nonce, this.#nonce);
    return this.#ports.crypto.verify(this.peer.publicKey, purposeBytes('link', text), signature);
  }

  #proofText(dialled: boolean, from: string, to: string | undefined, nonceFrom: string | undefined, nonceTo: string | undefined): string {
    return canonicalJson({
      role: dialled ? 'dial' : 'listen',
      from,
      to: to ?? '',
      nonce_from: nonceFrom ?? '',
      nonce_to: nonceTo ?? '',
      binding: this.#connection.binding ?? '',
    });
  }
}

/** What a node without a certificate calls itself, where that follows the rules for names. */
function ownName(name: string | undefined): string {
  return name === undefined || nameFault(name) !== undefined ? '' : name;
}
