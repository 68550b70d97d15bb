import { createNode, type Log, type Node, type NodeConfig, type Ports, tables } from '@parley/core';
import { removeApiAddress } from '../api/address-file.ts';
import { createNodeCrypto } from '../crypto.ts';
import { type DataDirectory, openDataDirectory } from '../data/directory.ts';
import { privateKeyOf, renameIdentity } from '../data/identity-file.ts';
import { hostSuccessor, takeNextIdentity } from '../data/next-identity.ts';
import { createFiles } from '../files.ts';
import { createMulticast } from '../multicast.ts';
import { createClock, createRandom } from '../platform.ts';
import { openSqliteStore } from '../store/index.ts';
import { createTlsTransport } from '../tls/index.ts';
import { createUdp } from '../udp.ts';
import { createWsTransport, type WsTransport } from '../ws/index.ts';
import type { Closers } from './closers.ts';
import { logLinks } from './events-log.ts';
import { openAuthorities, openNodeIdentity } from './identity.ts';
import type { HostNodeOptions } from './options.ts';
import type { PublicHttp } from './public-http.ts';

/** A node that neither listens nor dials yet. */
export interface Assembled {
  readonly directory: DataDirectory;
  readonly ports: Ports;
  readonly node: Node;
  readonly ws: WsTransport;
  /** The HTTP listener, once there is one: it closes after the node, which says goodbye on the links that came in by it. */
  readonly late: { http?: PublicHttp /** Another identity is to run from the next start on. */; replaced: boolean };
}

/** What is told, and the names under which a proxy passes on links of tabs. */
function advertised({ advertise = [], httpProxies = [] }: HostNodeOptions): string[] {
  const origins = httpProxies.filter((origin) => origin.startsWith('https://'));
  return [...new Set([...advertise, ...origins.map((origin) => `wss:${new URL(origin).host}`)])];
}

/** Opens a data directory and puts a node on the ports of Node.js. */
export async function assemble(options: HostNodeOptions, log: Log, closers: Closers): Promise<Assembled> {
  const crypto = createNodeCrypto({ log: log.child({ part: 'crypto' }) });
  const clock = createClock();
  const random = createRandom();
  const directory = await openDataDirectory(options.data);
  closers.add('the data directory', (failed) => (failed ? directory.discard() : directory.close()));
  // Of a node that was killed: from now on it would mislead.
  await removeApiAddress(directory.path);

  const storePath = directory.file('store.db');
  const deps = { crypto, random, clock };
  await takeNextIdentity(directory.path, deps);
  const stored = await openNodeIdentity(directory, deps, { ...options, store: storePath });
  const { identity, secret, before } = stored;
  if (before !== undefined) {
    closers.add('the name', async (failed) => {
      if (failed) await renameIdentity(directory.path, deps, before, options.passphrase);
    });
  }
  const authorities = await openAuthorities(directory, options.authorities ?? [], identity.certificate, { crypto, clock });
  const store = await openSqliteStore(storePath, tables, { log: log.child({ part: 'store' }) });
  closers.add('the store', () => store.close());

  let node: Node | undefined;
  const tls = createTlsTransport({
    certificate: identity.certificate,
    privateKey: privateKeyOf(secret),
    ...(authorities ? { authorities: authorities.map(({ der }) => der) } : {}),
    onRefused: (reason) => node?.metrics.reject(`tls-${reason}`),
    log: log.child({ part: 'tls' }),
  });
  const ws = createWsTransport({
    onRefused: (reason) => node?.metrics.reject(`ws-${reason}`),
    log: log.child({ part: 'ws' }),
  });
  const late: Assembled['late'] = { replaced: false };
  closers.add('the HTTP listener', () => late.http?.close());
  const ports: Ports = {
    clock,
    random,
    crypto,
    store,
    log,
    transports: options.tap ? [tls, ws].map(options.tap) : [tls, ws],
    files: createFiles(directory.file('files')),
    datagrams: createUdp({ log: log.child({ part: 'udp' }) }),
    multicast: createMulticast({ log: log.child({ part: 'lan' }), onRefused: (reason) => node?.metrics.reject(reason) }),
  };
  const config: NodeConfig = {
    identity,
    nodeType: options.nodeType,
    relays: true,
    advertise: advertised(options),
    successor: hostSuccessor(directory.path, deps, stored, {
      passphrase: options.passphrase,
      closed: authorities !== undefined,
      replaced: () => {
        late.replaced = true;
      },
    }),
    registry: { listed: options.unlisted !== true },
    ...(authorities ? { authorities } : {}),
  };
  const made = await createNode(ports, config);
  node = made;
  closers.add('the node', () => made.close());
  logLinks(made, log);
  return { directory, ports, node: made, ws, late };
}
