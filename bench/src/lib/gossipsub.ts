import { type GossipSub, gossipsub, StrictSign } from '@libp2p/gossipsub';
import { type Identify, identify } from '@libp2p/identify';
import type { Libp2p } from '@libp2p/interface';
import { createLibp2pNode, type Encrypter } from './libp2p.ts';
import { delay } from './time.ts';

export const topic = 'bench';

/** Gossipsub needs to be told by identify which protocols a peer speaks. A type: an interface would not be a map. */
export type GossipServices = { identify: Identify; pubsub: GossipSub };

/** A node that takes part in the topic. */
export interface GossipNode {
  readonly node: Libp2p<GossipServices>;
  readonly pubsub: GossipSub;
  /** Resolves when `neighbours` peers are in the topic, and as many of them in this node's mesh as gossipsub wants at least. */
  meshed(neighbours: number): Promise<void>;
}

/** Gossipsub's `Dlo`: a mesh of so many peers looks for no more. */
const meshEnough = 4;
/** Meshes form at heartbeats, once a second; this is more than enough for all of them. */
const meshTimeoutMs = 20_000;

/**
 * Gossipsub as fast as is fair:
 * - strict signing: every message is signed by its origin and verified by every node that takes it, as in Parley;
 * - `floodPublish` (the default): the origin sends to all its peers rather than to its mesh alone;
 * - `allowPublishToZeroTopicPeers`: a moment without peers costs a message and not the run;
 * - everything else by default: D = 6, a heartbeat a second, message ids from origin and sequence number, peer
 *   scoring without parameters for the topic, no metrics. `batchPublish` made no difference that could be measured.
 */
export async function createGossipNode(encrypter: Encrypter, listens: boolean, deliver: (text: string) => void): Promise<GossipNode> {
  const node = await createLibp2pNode<GossipServices>({
    encrypter,
    listens,
    services: {
      identify: identify(),
      pubsub: gossipsub({ globalSignaturePolicy: StrictSign, floodPublish: true, allowPublishToZeroTopicPeers: true }),
    },
  });
  const { pubsub } = node.services;
  const meshPeers = new Set<string>();
  pubsub.addEventListener('gossipsub:graft', ({ detail }) => {
    if (isMeshPeer(detail)) meshPeers.add(detail.peerId);
  });
  pubsub.addEventListener('message', ({ detail }) => {
    if (detail.topic === topic) deliver(Buffer.from(detail.data.buffer, detail.data.byteOffset, detail.data.byteLength).toString('latin1'));
  });
  pubsub.subscribe(topic);
  return {
    node,
    pubsub,
    async meshed(neighbours) {
      const enough = (): boolean => pubsub.getSubscribers(topic).length >= neighbours && meshPeers.size >= Math.min(neighbours, meshEnough);
      for (let waited = 0; !enough(); waited += 20) {
        if (waited > meshTimeoutMs) throw new Error(`${meshPeers.size} of ${neighbours} neighbours are in the mesh`);
        await delay(20);
      }
    },
  };
}

function isMeshPeer(detail: unknown): detail is { peerId: string } {
  return typeof detail === 'object' && detail !== null && 'peerId' in detail && typeof detail.peerId === 'string';
}
