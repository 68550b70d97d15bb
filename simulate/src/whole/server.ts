import {
  type ContactBook,
  Emitter,
  type Identity,
  type KeyBook,
  keyIdOf,
  loadDht,
  Metrics,
  nodeIdOf,
  OwnEndpoints,
  type Ports,
  Registry,
  RegistryStore,
  registryTables,
  type SigningKey,
  UdpPort,
} from '@parley/core';
import type { World } from '@parley/sim';
import type { WorldCrypto } from './crypto.ts';

export const PORT = 4000;
const SEED_BYTES = 32;

/** What the servers of a world share: what any of them has worked out of bytes, no other needs to work out again. */
export interface Shared {
  readonly world: World;
  readonly crypto: WorldCrypto;
  readonly keys: KeyBook;
  readonly book: ContactBook;
}

/** A server with the registry alone, whole: its store, its UDP port and all that it does there. It has no links. */
export interface Server {
  readonly host: string;
  readonly identity: Identity;
  readonly registry: Registry;
  readonly metrics: Metrics;
  gone: boolean;
  /** Works with others like it against the rest. */
  hostile: boolean;
}

/** In what a server is not as others are. */
export interface Particular {
  readonly key?: SigningKey | undefined;
  /** The number of the server whose /24 it shares, and which of those there it is. */
  readonly beside?: { readonly number: number; readonly place: number } | undefined;
}

/** Each in a network of its own, as more than two from one would be refused, unless it is to be in that of another. */
const hostOf = (number: number, place: number): string => `10.${number >> 8}.${number & 255}.${1 + place}`;

/** An identity without a certificate, which only links need. */
async function identityOf({ crypto }: Shared, name: string, seed: Uint8Array, given?: SigningKey): Promise<Identity> {
  const [signing, sealing] = [given ?? (await crypto.signingKey(seed)), await crypto.agreementKey(seed)];
  const { publicKey } = signing;
  return {
    name,
    nodeId: nodeIdOf(crypto, publicKey),
    keyId: keyIdOf(publicKey),
    publicKey,
    sealingKey: sealing.publicKey,
    certificate: new Uint8Array(0),
    sign: (data) => signing.sign(data),
    agree: (other) => sealing.agree(other),
  };
}

/** Starts a server that remembers one other, as after a restart: through that one it finds the rest. */
export async function startServer(
  shared: Shared,
  number: number,
  entry: Server | undefined,
  { key, beside = { number, place: 0 } }: Particular = {},
): Promise<Server> {
  const { world } = shared;
  const host = hostOf(beside.number, beside.place);
  const identity = await identityOf(shared, host, world.random.fork(host).bytes(SEED_BYTES), key);
  const ports: Ports = { ...world.ports(host, { tables: registryTables }), crypto: shared.crypto };
  if (entry) {
    const remembered = [{ keyId: entry.identity.keyId, address: `${entry.host}:${PORT}` }];
    await world.until(new RegistryStore(ports.store).saveContacts(remembered));
  }
  const metrics = new Metrics();
  const udp = new UdpPort(ports.datagrams, metrics);
  // As long a record as that of a server with one address for links.
  const endpoints = new OwnEndpoints({ advertise: [`tls:${host}:${PORT}`], guesses: false });
  const registry = new Registry({
    ports,
    identity,
    nodeType: 'server',
    keys: shared.keys,
    links: { events: new Emitter(), all: () => [] },
    overlay: { handle: () => {} },
    endpoints,
    udp,
    metrics,
    book: shared.book,
  });
  await loadDht();
  await world.until(registry.start());
  endpoints.bound('udp', await world.until(udp.bind(`${host}:${PORT}`)));
  registry.udpBound();
  return { host, identity, registry, metrics, gone: false, hostile: false };
}
