import type { Node } from '@parley/core';
import { createUdp } from '@parley/host';
import type { Subject } from '../lib/bench.ts';
import { createParleyNode } from '../lib/parley.ts';
import { delay } from '../lib/time.ts';
import { networkOf, type Table } from './network.ts';
import { nodes, type RegistryRoles } from './roles.ts';

const settleMs = 200;
/** A network that has just been joined hands records to its newcomers for a while: it has settled when a node asks so seldom in so long. */
const questionsANode = 2;
const quietMs = 1_000;
/** A node that has joined knows at least the holders of a record. */
const contacts = 20;
/** Far above what the bench needs, as the limits of js-libp2p are: of one record no more than ten changes at once are taken, then one in 30 s. */
const changesAtOnce = 1_000_000;

/** Whole servers with their stores on disk and a UDP port each, found through a link to the first; a lookup asks the network, whatever is held already. */
function createTable(): Table {
  const servers: Node[] = [];
  const at = (node: number): Node => servers[node] as Node;
  const questions = (): number => servers.reduce((sum, { metrics }) => sum + metrics.value('registry_questions'), 0);
  const settled = async (): Promise<void> => {
    for (let before = Number.NEGATIVE_INFINITY; questions() - before > questionsANode * nodes; await delay(quietMs)) before = questions();
  };
  return {
    async start() {
      for (let node = 0; node < nodes; node++) {
        const server = await createParleyNode(
          `server ${node}`,
          'server',
          { registry: { changesAtOnce }, neighbours: { maxDials: 0 } },
          createUdp(),
        );
        const address = await server.listen('tls', '127.0.0.1:0');
        await server.bindUdp('127.0.0.1:0');
        if (node > 0)
          await server.links.dial(
            'tls',
            at(0)
              .endpoints.list()
              .find((each) => each.startsWith('tls:'))
              ?.slice(4) ?? address,
          );
        servers.push(server);
      }
      while (!servers.every(({ registry }) => registry.contacts().length >= contacts)) await delay(settleMs);
      // The table needs no links, and what else servers tell each other over them is not measured here.
      for (const { links } of servers) for (const link of links.all()) links.close(link, 'joined');
      await settled();
    },
    put: (node) => at(node).registry.publishNow(),
    async get(asker, node, newest) {
      return (await at(asker).registry.find(at(node).identity.nodeId, { fresh: true, first: !newest }))?.seq;
    },
  };
}

export const parleyRegistry: Subject<RegistryRoles> = { roles: { network: () => networkOf(createTable()) } };
