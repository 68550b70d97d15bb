import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import {
  base64,
  type Connection,
  type ConnectionHandler,
  canonicalJson,
  createIdentity,
  type Identity,
  type JsonObject,
  type Message,
  purposeBytes,
  silentLog,
  timestamp,
} from '@parley/core';
import { createClock, createCrypto, createRandom, createWsTransport } from '@parley/host';
import { until } from '../host-lab.ts';

const deps = { crypto: createCrypto(), random: createRandom(), clock: createClock() };
const decoder = new TextDecoder();

/** What a PROOF is made of, where a test wants it to be something else. */
export interface Proof {
  readonly signer?: Identity;
  readonly role?: string;
  readonly nonceTo?: string;
  readonly binding?: string;
}

/** Somebody who opens a WebSocket to a node and says what a test wants. */
export class WsStranger implements ConnectionHandler {
  readonly identity: Identity;
  readonly connection: Connection;
  readonly nonce = base64(randomBytes(32));
  readonly heard: Message[] = [];
  ended = false;

  private constructor(identity: Identity, connection: Connection) {
    this.identity = identity;
    this.connection = connection;
    connection.attach(this);
  }

  static identity(name: string): Promise<Identity> {
    return createIdentity(deps, { name }).then(({ identity }) => identity);
  }

  /** `http`: the address that the node says. */
  static async meet(http: string | undefined, identity: Identity, maxFrameBytes = 16 * 1024 * 1024): Promise<WsStranger> {
    const transport = createWsTransport({ log: silentLog, maxFrameBytes });
    const connection = await transport.dial((http ?? '').replace('http', 'ws'), new AbortController().signal);
    return new WsStranger(identity, connection);
  }

  /** Opens a link as it should be. */
  static async link(http: string | undefined, identity: Identity): Promise<WsStranger> {
    const stranger = await WsStranger.meet(http, identity);
    await stranger.hello();
    await stranger.prove();
    return stranger;
  }

  say(type: string, data: JsonObject): void {
    this.connection.send(JSON.stringify({ ttl: 1, flood: false, msg_type: type, msg_data: data }));
  }

  of(type: string): Message[] {
    return this.heard.filter((message) => message.msg_type === type);
  }

  /** Says HELLO and waits for the other's. */
  async hello(changes: Record<string, unknown> = {}): Promise<void> {
    const { nodeId, keyId, name } = this.identity;
    const attributes = { node_type: 'client', name };
    const hello = { node_id: nodeId, version: 'stranger', attributes, time: timestamp(Date.now()), nonce: this.nonce, key: keyId };
    this.say('HELLO', { ...hello, ...changes } as JsonObject);
    await until(() => this.of('HELLO').length > 0, 'HELLO has come');
  }

  async signature({ signer = this.identity, role = 'dial', nonceTo, binding }: Proof = {}): Promise<string> {
    const theirs = this.of('HELLO')[0]?.msg_data as JsonObject;
    const text = canonicalJson({
      role,
      from: this.identity.keyId,
      to: theirs.key ?? '',
      nonce_from: this.nonce,
      nonce_to: nonceTo ?? theirs.nonce ?? '',
      binding: binding ?? this.connection.binding ?? '',
    });
    return base64(await signer.sign(purposeBytes('link', text)));
  }

  async prove(proof: Proof = {}): Promise<void> {
    this.say('PROOF', { sig: await this.signature(proof) });
  }

  message(json: Uint8Array | string): void {
    this.heard.push(JSON.parse(typeof json === 'string' ? json : decoder.decode(json)) as Message);
  }

  data(): void {}
  keepAlive(): void {}
  drain(): void {}

  closed(): void {
    this.ended = true;
  }
}

const KEY = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==';

export interface Upgrade {
  readonly path?: string;
  readonly host?: string;
  readonly origin?: string;
  readonly protocol?: string | undefined;
}

/** A TCP connection on which a WebSocket is spoken byte by byte. */
export class RawSocket {
  readonly socket: Socket;
  #received = Buffer.alloc(0);
  ended = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (part) => {
      this.#received = Buffer.concat([this.#received, part]);
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.ended = true;
    });
  }

  static async upgrade(
    http: string | undefined,
    { path = '/link', host, origin, protocol = 'parley.1' }: Upgrade = {},
  ): Promise<RawSocket> {
    const url = new URL(http ?? '');
    const socket = connect(Number(url.port), url.hostname);
    const raw = new RawSocket(socket);
    const lines = [
      `GET ${path} HTTP/1.1`,
      `Host: ${host ?? url.host}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      KEY,
      ...(origin === undefined ? [] : [`Origin: ${origin}`]),
      ...(protocol === '' ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    await until(() => raw.text.includes('\r\n\r\n'), 'an answer has come');
    return raw;
  }

  get text(): string {
    return this.#received.toString('latin1');
  }

  get status(): number {
    return Number(this.text.split(' ')[1]);
  }

  /** A frame with a mask of zeros: `first` holds FIN and the opcode. */
  frame(first: number, payload: Buffer): boolean {
    const { length } = payload;
    const header = length < 126 ? Buffer.of(first, 0x80 | length) : Buffer.of(first, 0x80 | 127, 0, 0, 0, 0, 0, 0, 0, 0);
    if (length >= 126) header.writeBigUInt64BE(BigInt(length), 2);
    return this.socket.write(Buffer.concat([header, Buffer.alloc(4), payload]));
  }

  /** The code of the close frame that came last. */
  get closeCode(): number | undefined {
    const at = this.#received.lastIndexOf(0x88);
    return at < 0 || this.#received.length < at + 4 ? undefined : this.#received.readUInt16BE(at + 2);
  }
}
