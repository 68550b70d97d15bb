import { randomBytes } from 'node:crypto';
import type { Link } from '@parley/core';
import type { Subject } from '../lib/bench.ts';
import { createParleyNode } from '../lib/parley.ts';
import { Meter, now } from '../lib/time.ts';
import { chunkBytes, type Receiver, type Sender, type StreamRoles } from './roles.ts';

const kind = 'bench';

function createReceiver(): Receiver {
  let meter: Meter | undefined;
  return {
    async listen() {
      const node = await createParleyNode('receiver', 'server');
      node.links.handleTransfers(kind, () => ({
        data(bytes) {
          meter?.add(bytes.length);
          return undefined;
        },
        closed() {},
      }));
      return node.listen('tls', '127.0.0.1:0');
    },
    measure(period) {
      meter = new Meter(period);
    },
    received: () => meter?.total ?? 0,
  };
}

function createSender(): Sender {
  let link: Link | undefined;
  return {
    async connect(address) {
      const node = await createParleyNode('sender', 'client');
      link = await node.links.dial('tls', address);
    },
    async run(period) {
      if (link === undefined) throw new Error('not connected');
      const transfer = link.transfers.open(kind);
      const chunk = randomBytes(chunkBytes);
      while (now() < period.until) await transfer.write(chunk);
      transfer.abort('done');
    },
  };
}

/** One transfer on a link of two whole nodes, with its credit. */
export const parleyStream: Subject<StreamRoles> = { roles: { receiver: createReceiver, sender: createSender } };
