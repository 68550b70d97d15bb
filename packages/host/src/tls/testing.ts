import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import {
  buildAuthority,
  type Clock,
  type Connection,
  type ConnectionHandler,
  createIdentity,
  type Identity,
  type Listener,
  type ParleyError,
  silentLog,
  type Transport,
} from '@parley/core';
import { createCrypto } from '../crypto.ts';
import { privateKeyOf } from '../data/identity-file.ts';
import { createClock, createRandom } from '../platform.ts';
import type { TlsTransportOptions } from './options.ts';
import { createTlsTransport } from './transport.ts';

/** What the tests of this folder share; no part of the program. */
export const deps = { crypto: createCrypto(), random: createRandom(), clock: createClock() };

export interface Party {
  readonly identity: Identity;
  /** What a TLS socket of Node.js takes. */
  readonly context: { readonly cert: string; readonly key: string };
  transport(options?: Partial<TlsTransportOptions>): Transport;
}

export function pemOf(certificate: Uint8Array): string {
  return `-----BEGIN CERTIFICATE-----\n${Buffer.from(certificate).toString('base64')}\n-----END CERTIFICATE-----\n`;
}

export async function party(name: string, certificate?: (own: Uint8Array) => Promise<Uint8Array>): Promise<Party> {
  const { identity, secret } = await createIdentity(deps, { name });
  const der = certificate ? await certificate(identity.certificate) : identity.certificate;
  const privateKey = privateKeyOf(secret);
  const key = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  return {
    identity: { ...identity, certificate: der },
    context: { cert: pemOf(der), key },
    transport: (options) => createTlsTransport({ certificate: der, privateKey, log: silentLog, ...options }),
  };
}

/** A self-signed certificate over an RSA key, with that key. */
export async function rsaContext(): Promise<{ cert: string; key: string }> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const spki = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }));
  const now = deps.clock.now();
  const dates = { notBefore: now - 60_000, notAfter: now + 3_600_000 };
  const signer = { algorithm: 'rsa-sha256' as const, sign: (data: Uint8Array) => new Uint8Array(sign('sha256', data, privateKey)) };
  const certificate = await buildAuthority(deps, 'rsa', spki, dates, signer);
  return { cert: pemOf(certificate), key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() };
}

/** A handler that keeps what it is told. */
export class Recording implements ConnectionHandler {
  readonly messages: string[] = [];
  bytes = 0;
  keepAlives = 0;
  closings: (ParleyError | undefined)[] = [];
  readonly closing: Promise<ParleyError | undefined>;
  onMessage: (text: string) => void = () => {};
  #closed: (error: ParleyError | undefined) => void = () => {};

  constructor() {
    this.closing = new Promise((resolve) => {
      this.#closed = resolve;
    });
  }

  message(json: Uint8Array | string): void {
    const text = typeof json === 'string' ? json : Buffer.from(json).toString();
    this.messages.push(text);
    this.onMessage(text);
  }

  data(_transfer: number, bytes: Uint8Array): void {
    this.bytes += bytes.length;
  }

  keepAlive(): void {
    this.keepAlives++;
  }

  drain(): void {}

  closed(error?: ParleyError): void {
    this.closings.push(error);
    this.#closed(error);
  }
}

export function record(connection: Connection): Recording {
  const recording = new Recording();
  connection.attach(recording);
  return recording;
}

/** A listener, and the connections that come in by it, in order. */
export async function listening(
  transport: Transport,
): Promise<{ listener: Listener; accepted: Connection[]; next(): Promise<Connection> }> {
  const accepted: Connection[] = [];
  let wake = (): void => {};
  const listener = await transport.listen('127.0.0.1:0', (connection) => {
    accepted.push(connection);
    wake();
  });
  let taken = 0;
  const next = async (): Promise<Connection> => {
    while (accepted.length <= taken) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return accepted[taken++] as Connection;
  };
  return { listener, accepted, next };
}

/** Timers that go off when the test says so. */
export class ManualTimers implements Pick<Clock, 'after'> {
  #timers: { ms: number; run: () => void }[] = [];

  get waiting(): number {
    return this.#timers.length;
  }

  after(ms: number, run: () => void): { cancel(): void } {
    const timer = { ms, run };
    this.#timers.push(timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((one) => one !== timer);
      },
    };
  }

  /** Lets every timer of at most `ms` go off. */
  elapse(ms: number): void {
    const due = this.#timers.filter((timer) => timer.ms <= ms);
    this.#timers = this.#timers.filter((timer) => timer.ms > ms);
    for (const timer of due) timer.run();
  }
}

/** A TCP server for tests, and what it has accepted. */
export async function tcpServer(serve: (socket: Socket) => void): Promise<{ address: string; close(): void }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    sockets.push(socket);
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** Until a socket is closed, whether or not with an error. */
export function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
  });
}

export function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1));
}

/** A signal that never comes. */
export const never: AbortSignal = new AbortController().signal;
