import type { Subject } from '../lib/bench.ts';
import { createGossipNode, type GossipNode, topic } from '../lib/gossipsub.ts';
import { addressOf, type Encrypter, parseAddress } from '../lib/libp2p.ts';
import { writePayload } from '../lib/payload.ts';
import { SendWindow } from '../lib/window.ts';
import { createDeliveries } from './recipient.ts';
import type { Recipient, Relay, RelayRoles, Sender } from './roles.ts';

/** Messages that are being signed and sent at once; more of them bring nothing. */
const atOnce = 8;

function createRelay(encrypter: Encrypter): Relay {
  let gossip: GossipNode | undefined;
  return {
    async listen() {
      gossip = await createGossipNode(encrypter, true, () => undefined);
      return addressOf(gossip.node);
    },
    async ready() {
      await gossip?.meshed(2);
    },
  };
}

function createRecipient(encrypter: Encrypter): Recipient {
  const deliveries = createDeliveries();
  return {
    ...deliveries,
    async connect(address) {
      const gossip = await createGossipNode(encrypter, false, deliveries.deliver);
      await gossip.node.dial(parseAddress(address));
      return '';
    },
  };
}

function createSender(encrypter: Encrypter): Sender {
  let gossip: GossipNode | undefined;
  let window: SendWindow | undefined;
  return {
    async connect(address) {
      gossip = await createGossipNode(encrypter, false, () => undefined);
      await gossip.node.dial(parseAddress(address));
    },
    async ready() {
      await gossip?.meshed(1);
    },
    async run(period, size) {
      const pubsub = gossip?.pubsub;
      if (pubsub === undefined) throw new Error('not connected');
      const places = new SendWindow(size);
      window = places;
      const publishRepeatedly = async (): Promise<void> => {
        while (await places.take(period.until)) {
          await pubsub.publish(topic, Buffer.from(writePayload(places.sent), 'latin1'));
        }
      };
      await Promise.all(Array.from({ length: atOnce }, publishRepeatedly));
      return { sent: places.sent, lost: places.lost };
    },
    complete: (total) => window?.complete(total),
  };
}

/** Gossipsub with A and B connected to S alone, and all three in the topic. */
export function libp2pRelay(encrypter: Encrypter): Subject<RelayRoles> {
  return {
    roles: {
      relay: () => createRelay(encrypter),
      recipient: () => createRecipient(encrypter),
      sender: () => createSender(encrypter),
    },
  };
}
