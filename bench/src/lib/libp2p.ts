import './promise-with-resolvers.ts';
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import type { Libp2p, ServiceMap } from '@libp2p/interface';
import { tcp } from '@libp2p/tcp';
import { tls } from '@libp2p/tls';
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr';
import { createLibp2p, type ServiceFactoryMap } from 'libp2p';

/** How connections are encrypted; everything else of the stack is TCP and yamux. */
export type Encrypter = 'tls' | 'noise';

/** Far above what any bench needs: a limit that guards a public node is not what is measured here. */
const noLimit = 1_000_000;
/** On a busy machine a slow handshake is a slow handshake, and no failure. */
const patienceMs = 60_000;

export interface Libp2pOptions<S extends ServiceMap> {
  readonly encrypter: Encrypter;
  /** Whether it listens on a free port of loopback. */
  readonly listens: boolean;
  readonly services?: ServiceFactoryMap<S>;
}

/**
 * A js-libp2p node as it is by default, but for time-outs and for limits on connections from one address, which a
 * bench on loopback would run into. TCP_NODELAY is left as libp2p sets it.
 */
export function createLibp2pNode<S extends ServiceMap>(options: Libp2pOptions<S>): Promise<Libp2p<S>> {
  surviveResets();
  return createLibp2p<S>({
    addresses: { listen: options.listens ? ['/ip4/127.0.0.1/tcp/0'] : [] },
    transports: [tcp({ backlog: 1_024 })],
    connectionEncrypters: [options.encrypter === 'tls' ? tls() : noise()],
    streamMuxers: [yamux()],
    connectionManager: {
      maxConnections: noLimit,
      inboundConnectionThreshold: noLimit,
      maxIncomingPendingConnections: noLimit,
      maxParallelDials: 100,
      dialTimeout: patienceMs,
      addressDialTimeout: patienceMs,
      inboundUpgradeTimeout: patienceMs,
      inboundStreamProtocolNegotiationTimeout: patienceMs,
      outboundStreamProtocolNegotiationTimeout: patienceMs,
    },
    ...(options.services === undefined ? {} : { services: options.services }),
  });
}

/** The address that others dial, with the peer id in it. */
export function addressOf(node: Libp2p): string {
  const [address] = node.getMultiaddrs();
  if (address === undefined) throw new Error('this node does not listen');
  return address.toString();
}

export function parseAddress(address: string): Multiaddr {
  return multiaddr(address);
}

let surviving = false;

/**
 * js-libp2p 3 lets an ECONNRESET of a connection that closes while it is being set up escape as an uncaught
 * exception. That is a lost connection and no more, so the process goes on; anything else ends it.
 */
function surviveResets(): void {
  if (surviving) return;
  surviving = true;
  process.on('uncaughtException', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNRESET' || error.code === 'EPIPE') return;
    process.stderr.write(`${error.stack ?? error.message}\n`);
    process.exit(1);
  });
}
