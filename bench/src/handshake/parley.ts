import type { Node } from '@parley/core';
import type { Subject } from '../lib/bench.ts';
import { createParleyNode } from '../lib/parley.ts';
import { Meter, now } from '../lib/time.ts';
import type { Dialler, HandshakeRoles, Listener } from './roles.ts';

function createListener(): Listener {
  let meter: Meter | undefined;
  return {
    async listen() {
      const node = await createParleyNode('listener', 'server');
      node.links.events.on('up', () => meter?.add(1));
      return node.listen('tls', '127.0.0.1:0');
    },
    measure(period) {
      meter = new Meter(period);
    },
    opened: () => meter?.total ?? 0,
  };
}

function createDialler(): Dialler {
  let nodes: Node[] = [];
  return {
    async prepare(count) {
      nodes = await Promise.all(Array.from({ length: count }, (_, index) => createParleyNode(`dialler ${index}`, 'client')));
    },
    async run(address, period) {
      const meter = new Meter(period);
      const dialRepeatedly = async (node: Node): Promise<void> => {
        while (now() < period.until) {
          const link = await node.links.dial('tls', address);
          meter.add(1);
          node.links.close(link, 'done');
        }
      };
      await Promise.all(nodes.map(dialRepeatedly));
      return meter.total;
    },
  };
}

/** Links of whole nodes: mutual TLS 1.3, HELLO both ways, and what nodes tell a new neighbour. */
export const parleyHandshake: Subject<HandshakeRoles> = { roles: { listener: createListener, dialler: createDialler } };
