import { createRequire } from 'node:module';
import type { Subject } from '../lib/bench.ts';
import { networkOf, type Table } from './network.ts';
import { nodes, type RegistryRoles } from './roles.ts';

interface KeyPair {
  readonly publicKey: Buffer;
}

/** Of hyperdht, which has no types: what is used here. */
interface HyperDht {
  mutablePut(keyPair: KeyPair, value: Buffer, options: { readonly seq: number }): Promise<unknown>;
  mutableGet(publicKey: Buffer, options: { readonly latest: boolean }): Promise<{ readonly seq: number } | null>;
}

interface HyperDhtModule {
  keyPair(): KeyPair;
}

const require = createRequire(import.meta.url);

/** As long as a record of Parley with one endpoint. */
const value = Buffer.alloc(200, 'r');

/** Signed, mutable values under the key that signs them. */
function createTable(): Table {
  const dhts: HyperDht[] = [];
  const keys: KeyPair[] = [];
  const sequence = new Array<number>(nodes).fill(0);
  return {
    async start() {
      const module = require('hyperdht') as HyperDhtModule;
      const createTestnet = require('hyperdht/testnet') as (size: number) => Promise<{ readonly nodes: readonly HyperDht[] }>;
      dhts.push(...(await createTestnet(nodes)).nodes);
      for (let node = 0; node < nodes; node++) keys.push(module.keyPair());
    },
    async put(node) {
      const seq = (sequence[node] ?? 0) + 1;
      sequence[node] = seq;
      await dhts[node]?.mutablePut(keys[node] as KeyPair, value, { seq });
      return seq;
    },
    async get(asker, node, newest) {
      const found = await dhts[asker]?.mutableGet((keys[node] as KeyPair).publicKey, { latest: newest });
      return found?.seq;
    },
  };
}

export const hyperdhtRegistry: Subject<RegistryRoles> = { roles: { network: () => networkOf(createTable()) } };
