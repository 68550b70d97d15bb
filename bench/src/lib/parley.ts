import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createIdentity,
  createNode,
  type DatagramTransport,
  type Identity,
  type Node,
  type NodeConfig,
  type Ports,
  type Store,
  silentLog,
  tables,
} from '@parley/core';
import { createClock, createNodeCrypto, createRandom, createTlsTransport, openSqliteStore, privateKeyOf } from '@parley/host';

/** As for js-libp2p: on a busy machine a slow handshake is a slow handshake, and no failure. */
export const patienceMs = 60_000;

const crypto = createNodeCrypto();
const random = createRandom();
const clock = createClock();

const directories: string[] = [];
process.once('exit', () => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

/** A store in a file of its own, which goes when the process ends. */
export async function temporaryStore(): Promise<Store> {
  const directory = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  directories.push(directory);
  return openSqliteStore(join(directory, 'store.db'), tables);
}

export interface ParleyPorts {
  readonly identity: Identity;
  readonly ports: Ports;
}

/** The ports of a real node, as the host assembles them: TLS, SQLite, sodium. */
export async function createPorts(name: string, store: Store): Promise<ParleyPorts> {
  const { identity, secret } = await createIdentity({ crypto, random, clock }, { name });
  const transport = createTlsTransport({
    certificate: identity.certificate,
    privateKey: privateKeyOf(secret),
    log: silentLog,
    handshakeTimeoutMs: patienceMs,
  });
  return { identity, ports: { clock, random, crypto, store, log: silentLog, transports: [transport] } };
}

/** A whole node with default limits. */
export async function createParleyNode(
  name: string,
  nodeType: NodeConfig['nodeType'],
  config: Partial<NodeConfig> = {},
  datagrams?: DatagramTransport,
): Promise<Node> {
  const { identity, ports } = await createPorts(name, await temporaryStore());
  const link = { dialTimeoutMs: patienceMs, openingTimeoutMs: patienceMs };
  return createNode(datagrams ? { ...ports, datagrams } : ports, { identity, nodeType, link, ...config });
}
