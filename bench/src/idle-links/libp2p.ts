import type { Libp2p } from '@libp2p/interface';
import type { Subject } from '../lib/bench.ts';
import { addressOf, createLibp2pNode, type Encrypter, parseAddress } from '../lib/libp2p.ts';
import { collectAndMeasure } from './memory.ts';
import { openAll } from './open-all.ts';
import type { Dialler, IdleLinksRoles, Listener } from './roles.ts';

const atOnce = 4;

function createListener(encrypter: Encrypter): Listener {
  let node: Libp2p | undefined;
  return {
    async listen() {
      node = await createLibp2pNode({ encrypter, listens: true });
      return addressOf(node);
    },
    links: () => node?.getConnections().length ?? 0,
    memory: collectAndMeasure,
  };
}

function createDialler(encrypter: Encrypter): Dialler {
  const nodes: Libp2p[] = [];
  return {
    open: (address, links) =>
      openAll(links, atOnce, async () => {
        const node = await createLibp2pNode({ encrypter, listens: false });
        nodes.push(node);
        await node.dial(parseAddress(address));
      }),
  };
}

/**
 * Connections with the muxer agreed upon and no stream open. The identify protocol, which every real node runs and
 * which makes the listener remember each peer, is left out to the peer's advantage. Its
 * connection monitor is on, as by default: both sides ping each connection every ten seconds.
 */
export function libp2pIdleLinks(encrypter: Encrypter): Subject<IdleLinksRoles> {
  return { roles: { listener: () => createListener(encrypter), dialler: () => createDialler(encrypter) } };
}
