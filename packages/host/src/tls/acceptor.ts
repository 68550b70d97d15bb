import type { Socket } from 'node:net';
import { createServer, type SecureContextOptions, type Server, type TLSSocket } from 'node:tls';
import { type Connection, ParleyError, type Timer } from '@parley/core';
import type { ConnectionSettings } from '../sockets/settings.ts';
import { formatAddress } from './address.ts';
import { TlsConnection } from './connection.ts';
import { ALPN_PROTOCOL } from './context.ts';
import { AddressLimits, type Admission, type RefusalReason, type TlsLimits } from './limits.ts';

export interface AcceptorOptions {
  readonly context: SecureContextOptions;
  /** Trust mode `ca`: OpenSSL's verdict on the chain counts. */
  readonly verifyChain: boolean;
  readonly limits: Partial<TlsLimits>;
  readonly settings: ConnectionSettings;
  readonly onRefused: (reason: RefusalReason) => void;
}

/** Whose handshakes these are; dropped when the listener closes. */
export interface Door {
  /** What its connections tell as their transport. */
  readonly transport: string;
  readonly accept: (connection: Connection) => void;
  open: boolean;
}

/** A raw connection in its handshake. */
interface Pending {
  readonly raw: Socket;
  readonly door: Door;
  readonly admission: Admission;
  readonly timer: Timer;
}

/** A dialler that names protocols has to name ours. */
function chooseProtocol({ protocols }: { readonly protocols: readonly string[] }): string | undefined {
  return protocols.includes(ALPN_PROTOCOL) ? ALPN_PROTOCOL : undefined;
}

/** What names a TCP connection, seen alike by the raw socket and by the TLS socket around it. */
function nameOf(socket: Socket): string {
  return `${socket.remotePort}/${socket.remoteAddress}/${socket.localPort}/${socket.localAddress}`;
}

/**
 * The server side of every handshake of a transport: admits by the limits, lets TLS do its work, and hands out
 * connections that have proved a certificate. One TLS server, and so one secure context, serves all listeners.
 */
export class Acceptor {
  readonly #options: AcceptorOptions;
  readonly #limits: AddressLimits;
  readonly #server: Server;
  readonly #pending = new Map<string, Pending>();

  constructor(options: AcceptorOptions) {
    this.#options = options;
    this.#limits = new AddressLimits(options.limits);
    this.#server = createServer({
      ...options.context,
      requestCert: true,
      rejectUnauthorized: options.verifyChain,
      // A list would be copied for each connection, and hold 8 KiB of shared memory while that lives.
      ALPNCallback: chooseProtocol,
      // Ours is absolute; that of Node.js starts anew with every byte.
      handshakeTimeout: 0,
    });
    this.#server.on('secureConnection', (socket) => this.#secured(socket));
    this.#server.on('tlsClientError', (error) => options.settings.log.debug('an incoming handshake failed', { error: error.message }));
  }

  /** A TCP connection that a listener accepted. */
  take(raw: Socket, door: Door): void {
    const host = raw.remoteAddress;
    if (host === undefined) {
      // Gone again before we looked.
      raw.destroy();
      return;
    }
    const admission = this.#limits.admit(host);
    if (typeof admission === 'string') {
      this.#refuse(admission, raw);
      return;
    }
    const name = nameOf(raw);
    const timer = this.#options.settings.clock.after(this.#options.settings.handshakeTimeoutMs, () =>
      this.#drop(name, 'handshake-timeout'),
    );
    this.#pending.set(name, { raw, door, admission, timer });
    raw.on('error', (error) => this.#options.settings.log.debug('an incoming connection failed', { error: error.message }));
    raw.once('close', () => {
      this.#drop(name, 'handshake-failed', raw);
      admission.release();
    });
    this.#server.emit('connection', raw);
  }

  /** Ends the handshakes that came in by this door. */
  shut(door: Door): void {
    door.open = false;
    for (const [name, pending] of [...this.#pending]) if (pending.door === door) this.#drop(name, 'listener-closed');
  }

  /** Ends one handshake; only if it is that of `raw`, when given, since a port may be in use again. */
  #drop(name: string, reason: RefusalReason, raw?: Socket): void {
    const pending = this.#pending.get(name);
    if (!pending || (raw && pending.raw !== raw)) return;
    this.#settle(name, pending);
    this.#refuse(reason, pending.raw);
  }

  #settle(name: string, pending: Pending): void {
    this.#pending.delete(name);
    pending.timer.cancel();
    pending.admission.handshakeDone();
  }

  #refuse(reason: RefusalReason, socket: Socket): void {
    socket.destroy();
    this.#options.onRefused(reason);
  }

  #secured(socket: TLSSocket): void {
    const name = nameOf(socket);
    const pending = this.#pending.get(name);
    if (!pending?.door.open) {
      socket.destroy();
      return;
    }
    this.#settle(name, pending);
    const certificate = socket.getPeerX509Certificate()?.raw;
    if (!certificate) {
      socket.on('error', () => socket.destroy());
      this.#refuse('no-certificate', socket);
      return;
    }
    const remoteAddress = formatAddress(socket.remoteAddress ?? '', socket.remotePort ?? 0);
    const facts = { transport: pending.door.transport, dialled: false, remoteAddress, peerCertificate: certificate };
    const connection = new TlsConnection(socket, facts, this.#options.settings);
    try {
      pending.door.accept(connection);
    } catch (error) {
      this.#options.settings.log.error('an incoming connection could not be taken', { error });
      connection.destroy(ParleyError.from(error));
    }
  }
}
