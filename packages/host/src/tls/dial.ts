import type { NetConnectOpts, Socket } from 'node:net';
import { type ConnectionOptions, connect, type SecureContext, type TLSSocket } from 'node:tls';
import { type Connection, MEETING_TRANSPORT, ParleyError } from '@parley/core';
import type { ConnectionSettings } from '../sockets/settings.ts';
import { formatAddress, type HostPort } from './address.ts';
import { TlsConnection } from './connection.ts';
import { ALPN_PROTOCOL } from './context.ts';
import { connectError } from './errors.ts';

export interface DialOptions {
  readonly context: SecureContext;
  /** Trust mode `ca`: OpenSSL's verdict on the chain counts. */
  readonly verifyChain: boolean;
  readonly settings: ConnectionSettings;
}

const PROTOCOLS = [ALPN_PROTOCOL];

/** A node is known by its key, never by its host's name. */
function acceptAnyName(): undefined {
  return undefined;
}

/** In mode `ca` Node.js has already asked for the certificate, after which OpenSSL's short form answers no more. */
function certificateOf(socket: TLSSocket): Uint8Array | undefined {
  const certificate: Uint8Array | undefined = socket.getPeerX509Certificate()?.raw ?? socket.getPeerCertificate().raw;
  return certificate;
}

/**
 * Connects and does the handshake. A TLS 1.3 client is done before the server has judged its certificate: a refusal
 * by the server comes later, as the end of the connection.
 */
export function dialTls(target: HostPort, signal: AbortSignal, options: DialOptions): Promise<Connection> {
  return handshake({ host: target.host, port: target.port }, target, 'tls', signal, options);
}

/** The same over a TCP connection that stands, as the one who dials. It is given up with that connection. */
export function dialOver(raw: Socket, options: DialOptions): Promise<Connection> {
  const target = { host: raw.remoteAddress ?? '', port: raw.remotePort ?? 0 };
  return handshake({ socket: raw }, target, MEETING_TRANSPORT, new AbortController().signal, options);
}

function handshake(
  over: { host: string; port: number } | { socket: Socket },
  target: HostPort,
  transport: string,
  signal: AbortSignal,
  options: DialOptions,
): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const what = `cannot connect to ${formatAddress(target.host, target.port)}`;
    const connectOptions: ConnectionOptions & Partial<NetConnectOpts> = {
      ...over,
      secureContext: options.context,
      rejectUnauthorized: options.verifyChain,
      checkServerIdentity: acceptAnyName,
      ALPNProtocols: PROTOCOLS,
      noDelay: true,
    };
    const socket = connect(connectOptions);
    const settle = (): void => {
      timer.cancel();
      signal.removeEventListener('abort', aborted);
      socket.off('secureConnect', secured);
      socket.off('close', closed);
    };
    const fail = (error: ParleyError): void => {
      settle();
      reject(error);
      // The error listener stays: what a dying socket still reports concerns nobody.
      socket.destroy();
    };
    const failed = (error: Error): void => fail(connectError(error, what));
    const closed = (): void => fail(new ParleyError('refused', `${what}: closed during the handshake`));
    const aborted = (): void => fail(new ParleyError('aborted', `${what}: given up`, { cause: signal.reason }));
    const secured = (): void => {
      const peerCertificate = certificateOf(socket);
      if (!peerCertificate) {
        fail(new ParleyError('bad-certificate', `${what}: no certificate`));
        return;
      }
      settle();
      const remoteAddress = formatAddress(socket.remoteAddress ?? target.host, socket.remotePort ?? target.port);
      const connection = new TlsConnection(socket, { transport, dialled: true, remoteAddress, peerCertificate }, options.settings);
      socket.off('error', failed);
      resolve(connection);
    };
    const timer = options.settings.clock.after(options.settings.handshakeTimeoutMs, () =>
      fail(new ParleyError('timeout', `${what}: no answer in ${options.settings.handshakeTimeoutMs} ms`)),
    );
    socket.on('error', failed);
    socket.on('close', closed);
    socket.on('secureConnect', secured);
    signal.addEventListener('abort', aborted, { once: true });
  });
}
