import { type Connection, type ConnectionHandler, fromBase64, type JsonObject, type Ports } from '@parley/core';
import { createClock, createLog, type HostCrypto } from '@parley/host';

/** A connection without certificates whose other side is the test: what is said on it can be read, and what is heard is given. */
export class ScriptedConnection implements Connection {
  readonly transport = 'scripted';
  readonly remoteAddress = '192.0.2.1:1';
  readonly peerCertificate = undefined;
  readonly queued = 0;
  readonly dialled: boolean;
  readonly binding: string;
  readonly attached: Promise<void>;
  readonly #said: { msg_type: string; msg_data: JsonObject }[] = [];
  #handler: ConnectionHandler | undefined;
  #attach: () => void = () => {};

  constructor(dialled: boolean, binding: string) {
    this.dialled = dialled;
    this.binding = binding;
    this.attached = new Promise((resolve) => {
      this.#attach = resolve;
    });
  }

  attach(handler: ConnectionHandler): void {
    this.#handler = handler;
    this.#attach();
  }

  hear(verb: string, data: JsonObject): void {
    this.#handler?.message(JSON.stringify({ msg_type: verb, msg_data: data, ttl: 1, flood: false }));
  }

  /** `msg_data` of the first message of a verb. */
  said(verb: string): JsonObject | undefined {
    return this.#said.find(({ msg_type }) => msg_type === verb)?.msg_data;
  }

  send(json: string): void {
    this.#said.push(JSON.parse(json));
  }

  sendData(): void {}
  keepAlive(): void {}
  pause(): void {}
  resume(): void {}

  close(): void {
    this.destroy();
  }

  destroy(): void {
    const handler = this.#handler;
    this.#handler = undefined;
    handler?.closed();
  }
}

/** Ports on which a node has this connection alone, and draws this nonce (base64). */
export function scriptedPorts(crypto: HostCrypto, nonce: string, connection: ScriptedConnection): Ports {
  const drawn = fromBase64(nonce);
  if (!drawn) throw new Error('a nonce is base64');
  const ports: Partial<Ports> = {
    clock: createClock(),
    random: { bytes: () => new Uint8Array(drawn), number: () => 0.5 },
    crypto,
    log: createLog({ level: 'error', json: true }),
    transports: [
      {
        name: 'scripted',
        dial: async () => connection,
        listen: async (address, accept) => {
          accept(connection);
          return { address, close: async () => {} };
        },
      },
    ],
  };
  return ports as Ports;
}
