import type { AddressInfo } from 'node:net';
import { connect, createSecureContext, createServer, type SecureContext, type TLSSocket } from 'node:tls';
import { type Credentials, createCredentials } from './certificate.ts';

/** AES-128-GCM first: the fastest cipher of TLS 1.3 on machines with AES instructions. */
const parameters = { minVersion: 'TLSv1.3', ciphers: 'TLS_AES_128_GCM_SHA256' } as const;

/** An identity with everything that can be prepared before a handshake. */
export interface Identity {
  readonly credentials: Credentials;
  readonly context: SecureContext;
}

export function createIdentity(name: string): Identity {
  const credentials = createCredentials(name);
  const context = createSecureContext({ ...parameters, key: credentials.key, cert: credentials.cert });
  return { credentials, context };
}

/** The listener's first byte: a TLS 1.3 client cannot know before that its own certificate was accepted. */
const accepted = Buffer.from([1]);

/**
 * Listens on loopback for mutual TLS; `open` gets each socket whose owner has proved a key. The address is `PORT`.
 */
export function listen(open: (socket: TLSSocket) => void): Promise<string> {
  const { credentials } = createIdentity('listener');
  const server = createServer({
    ...parameters,
    key: credentials.key,
    cert: credentials.cert,
    requestCert: true,
    // Self-signed certificates: who it is matters, not who vouches for it.
    rejectUnauthorized: false,
    noDelay: true,
  });
  server.on('secureConnection', (socket) => {
    socket.on('error', () => socket.destroy());
    if (socket.getPeerX509Certificate() === undefined) {
      socket.destroy();
      return;
    }
    socket.write(accepted);
    open(socket);
  });
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(String(portOf(server.address()))));
  });
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new TypeError('not a TCP address');
  return address.port;
}

/** Connects with mutual TLS; resolves when both sides know each other's key. */
export function dial(address: string, identity: Identity): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: '127.0.0.1',
      port: Number(address),
      secureContext: identity.context,
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    });
    socket.setNoDelay(true);
    socket.on('error', reject);
    socket.once('readable', () => {
      const first: unknown = socket.read(1);
      if (!(first instanceof Buffer) || socket.getPeerX509Certificate() === undefined) reject(new Error('not accepted'));
      else resolve(socket);
    });
  });
}
