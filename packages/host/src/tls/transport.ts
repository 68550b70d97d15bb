import { createSecureContext, type SecureContext } from 'node:tls';
import { type Connection, type Listener, ParleyError, type Transport } from '@parley/core';
import { connectionSettings } from '../sockets/settings.ts';
import { Acceptor } from './acceptor.ts';
import { parseAddress } from './address.ts';
import { contextOptions } from './context.ts';
import { type DialOptions, dialTls } from './dial.ts';
import { listenTls } from './listener.ts';
import { meetOverTcp } from './meeting.ts';
import type { TlsTransportOptions } from './options.ts';

/**
 * Links over TLS 1.3 with Ed25519 certificates on both sides (WIRE "Opening a link"): what `peerCertificate` shows is
 * proved. Throws `bad-certificate` when the node's own certificate and key do not serve.
 */
export function createTlsTransport(options: TlsTransportOptions): Transport {
  const settings = connectionSettings(options);
  const verifyChain = options.authorities !== undefined;
  const context = contextOptions(options);
  const dialOptions: DialOptions = { context: secureContext(context), verifyChain, settings };
  const acceptor = new Acceptor({
    context,
    verifyChain,
    limits: options.limits ?? {},
    settings,
    onRefused: options.onRefused ?? (() => {}),
  });

  return {
    name: 'tls',
    async dial(address: string, signal: AbortSignal): Promise<Connection> {
      const target = parseAddress(address);
      if (target.port === 0) throw new ParleyError('bad-argument', 'port 0 is for listening');
      if (signal.aborted) throw new ParleyError('aborted', `cannot connect to ${address}: given up`, { cause: signal.reason });
      return dialTls(target, signal, dialOptions);
    },
    async listen(address: string, accept: (connection: Connection) => void): Promise<Listener> {
      return listenTls(parseAddress(address), accept, acceptor, options.log);
    },
    meet: () => meetOverTcp({ acceptor, dialOptions }),
  };
}

function secureContext(options: ReturnType<typeof contextOptions>): SecureContext {
  try {
    return createSecureContext(options);
  } catch (error) {
    throw new ParleyError('bad-certificate', 'the certificate and the key of this node do not fit each other', { cause: error });
  }
}
