import type { Node } from '@parley/core';
import type { Subject } from '../lib/bench.ts';
import { createParleyNode, createPorts, temporaryStore } from '../lib/parley.ts';
import { connectOnly } from '../lib/parley-links.ts';
import { collectAndMeasure } from './memory.ts';
import { openAll } from './open-all.ts';
import type { Dialler, IdleLinksRoles, Listener } from './roles.ts';

const atOnce = 8;

function createListener(): Listener {
  let node: Node | undefined;
  return {
    async listen() {
      node = await createParleyNode('listener', 'server');
      return node.listen('tls', '127.0.0.1:0');
    },
    links: () => node?.links.size ?? 0,
    memory: collectAndMeasure,
  };
}

function createDialler(): Dialler {
  return {
    async open(address, links) {
      // The side that is not measured does without a database file for each of its 2,000 nodes.
      const store = await temporaryStore();
      await openAll(links, atOnce, async () => {
        await connectOnly(await createPorts('dialler', store), address);
      });
    },
  };
}

/** A server node with its links open and nothing to say but keep-alives. */
export const parleyIdleLinks: Subject<IdleLinksRoles> = { roles: { listener: createListener, dialler: createDialler } };
