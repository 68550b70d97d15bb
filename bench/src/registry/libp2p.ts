import { type Identify, identify } from '@libp2p/identify';
import type { Libp2p } from '@libp2p/interface';
import { type KadDHT, kadDHT, passthroughMapper, type SingleKadDHT } from '@libp2p/kad-dht';
import { type Ping, ping } from '@libp2p/ping';
import type { Subject } from '../lib/bench.ts';
import { addressOf, createLibp2pNode, parseAddress } from '../lib/libp2p.ts';
import { delay, now } from '../lib/time.ts';
import { networkOf, type Table } from './network.ts';
import type { RegistryRoles } from './roles.ts';

type Services = { identify: Identify; ping: Ping; dht: KadDHT };

/** As long as a record of Parley with one endpoint; the number of the record comes first. */
const recordLength = 200;
/**
 * A quarter of what the others have: each has a connection to each, which takes both together some 60 ms of processor time, and a hundred of them in
 * one process are minutes from their first lookup. A smaller network is to its advantage: a lookup ends sooner, and a value is put with nearly all.
 */
const nodes = 25;
/** So many contacts in a table, as many as are asked to hold a value, are enough to begin. */
const contacts = 20;
/** For whatever is waited for: a busy machine is slow, and no failure. */
const patienceMs = 300_000;
const patient = { minTimeout: patienceMs, maxTimeout: patienceMs };
const lookMs = 100;

const keyOf = (node: number): Uint8Array => Buffer.from(`/bench/${node}`);

function create(): Promise<Libp2p<Services>> {
  return createLibp2pNode<Services>({
    encrypter: 'noise',
    listens: true,
    services: {
      identify: identify(),
      ping: ping(),
      dht: kadDHT({
        clientMode: false,
        protocol: '/bench/kad/1.0.0',
        // Else nothing is asked for before it has looked for itself, and where that fails, which it does with nobody there yet, for five minutes more.
        allowQueryWithZeroPeers: true,
        // Who is too slow when it is met stays out of the table, and is not tried again.
        onPeerConnectTimeout: patienceMs,
        incomingMessageTimeout: patienceMs,
        pingNewContactTimeout: patient,
        networkDialTimeout: patient,
        // Addresses on loopback are left out by default.
        peerInfoMapper: passthroughMapper,
        // Values are opaque to it; the higher number is the newer record.
        validators: { bench: async () => {} },
        selectors: {
          bench: (_, records) => records.reduce((best, _record, at) => (numberOf(records[at]) > numberOf(records[best]) ? at : best), 0),
        },
      }),
    },
  });
}

function numberOf(record: Uint8Array | undefined): number {
  return record === undefined ? 0 : Buffer.from(record).readUInt32BE(0);
}

/**
 * Values under keys, not signed: its records of peers are not looked up in the table where nodes know each other. A lookup ends with the first
 * value that comes from another node: its own way asks on, and then corrects those that have an older value, in which it fails under concurrent puts.
 */
function createTable(): Table {
  const peers: Libp2p<Services>[] = [];
  const sequence = new Array<number>(nodes).fill(0);
  return {
    async start() {
      for (let node = 0; node < nodes; node++) {
        const made = await create();
        for (const peer of peers) await made.dial(parseAddress(addressOf(peer)));
        peers.push(made);
      }
      const givenUp = now() + patienceMs;
      while (!peers.every(({ services }) => (services.dht as SingleKadDHT).routingTable.size >= contacts)) {
        if (now() > givenUp) throw new Error('its routing tables stay empty');
        await delay(lookMs);
      }
    },
    async put(node) {
      const number = (sequence[node] ?? 0) + 1;
      sequence[node] = number;
      const record = Buffer.alloc(recordLength);
      record.writeUInt32BE(number, 0);
      const signal = AbortSignal.timeout(patienceMs);
      for await (const _ of (peers[node] as Libp2p<Services>).services.dht.put(keyOf(node), record, { signal }));
      return number;
    },
    async get(asker, node, newest) {
      const signal = AbortSignal.timeout(patienceMs);
      let best: number | undefined;
      for await (const event of (peers[asker] as Libp2p<Services>).services.dht.get(keyOf(node), { signal })) {
        if (event.name !== 'PEER_RESPONSE' || !event.record) continue;
        const number = numberOf(event.record.value);
        if (!newest) return number;
        best = Math.max(best ?? 0, number);
      }
      return best;
    },
  };
}

export const libp2pRegistry: Subject<RegistryRoles> = { roles: { network: () => networkOf(createTable(), nodes) } };
