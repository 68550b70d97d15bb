import type { Subject } from '../lib/bench.ts';
import { createGossipNode, type GossipNode, topic } from '../lib/gossipsub.ts';
import { addressOf, type Encrypter, parseAddress } from '../lib/libp2p.ts';
import { writePayload } from '../lib/payload.ts';
import type { Period } from '../lib/time.ts';
import type { SendWindow } from '../lib/window.ts';
import { createDeliveries } from './deliveries.ts';
import { degree, type FloodRoles, type Host } from './roles.ts';

function createHost(encrypter: Encrypter): Host {
  const deliveries = createDeliveries();
  const gossips = new Map<number, GossipNode>();

  async function publishRepeatedly({ pubsub }: GossipNode, origin: number, window: SendWindow, period: Period): Promise<void> {
    while (await window.take(period.until)) {
      await pubsub.publish(topic, Buffer.from(writePayload(window.sent, origin), 'latin1'));
    }
  }

  return {
    ...deliveries,
    async start(first, count) {
      deliveries.begin(first, count);
      for (let node = first; node < first + count; node++) {
        gossips.set(node, await createGossipNode(encrypter, true, (text) => deliveries.deliver(node, text)));
      }
      return [...gossips.values()].map(({ node }) => addressOf(node));
    },
    async connect(links) {
      // One after another: js-libp2p does not bear many connections at once.
      for (const { node, address } of links) await gossips.get(node)?.node.dial(parseAddress(address));
    },
    async ready() {
      await Promise.all([...gossips.values()].map((gossip) => gossip.meshed(degree)));
    },
    async run(period, size) {
      const windows = deliveries.measure(period, size);
      await Promise.all(
        [...gossips].map(async ([origin, gossip], index) => {
          const window = windows[index];
          if (window !== undefined) await publishRepeatedly(gossip, origin, window, period);
        }),
      );
      return {
        sent: windows.reduce((sum, window) => sum + window.sent, 0),
        lost: windows.reduce((sum, window) => sum + window.lost, 0),
      };
    },
  };
}

/** Gossipsub on the graph; all nodes in the topic, none looking for further peers. */
export function libp2pFlood(encrypter: Encrypter): Subject<FloodRoles> {
  return { roles: { host: () => createHost(encrypter) } };
}
