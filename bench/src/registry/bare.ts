import type { Subject } from '../lib/bench.ts';
import { fastestEd25519 } from '../lib/ed25519.ts';
import { turn } from '../lib/time.ts';
import { networkOf, type Table } from './network.ts';
import type { RegistryRoles } from './roles.ts';

/** Nodes that hold a record (Kademlia's k). */
const holders = 20;
const record = Buffer.alloc(200, 'r');

/** The signatures alone: one a put and a verification at each node that is to hold it; a verification by whoever looks it up. */
function createTable(): Table {
  const ed25519 = fastestEd25519(Buffer.alloc(32, 7));
  let signature = ed25519.sign(record);
  let number = 0;
  return {
    start: async () => {},
    async put() {
      signature = ed25519.sign(record);
      for (let holder = 0; holder < holders; holder++) ed25519.verify(record, signature);
      await turn();
      return ++number;
    },
    async get() {
      await turn();
      return ed25519.verify(record, signature) ? number : undefined;
    },
  };
}

export const bareRegistry: Subject<RegistryRoles> = { roles: { network: () => networkOf(createTable()) } };
