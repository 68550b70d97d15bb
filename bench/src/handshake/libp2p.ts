import type { Libp2p } from '@libp2p/interface';
import type { Subject } from '../lib/bench.ts';
import { addressOf, createLibp2pNode, type Encrypter, parseAddress } from '../lib/libp2p.ts';
import { delay, Meter, now } from '../lib/time.ts';
import type { Dialler, HandshakeRoles, Listener } from './roles.ts';

/** js-libp2p does not bear connections that open and close without a pause. */
const pauseMs = 2;

function createListener(encrypter: Encrypter): Listener {
  let meter: Meter | undefined;
  return {
    async listen() {
      const node = await createLibp2pNode({ encrypter, listens: true });
      node.addEventListener('connection:open', () => meter?.add(1));
      return addressOf(node);
    },
    measure(period) {
      meter = new Meter(period);
    },
    opened: () => meter?.total ?? 0,
  };
}

function createDialler(encrypter: Encrypter): Dialler {
  let nodes: Libp2p[] = [];
  return {
    async prepare(count) {
      nodes = await Promise.all(Array.from({ length: count }, () => createLibp2pNode({ encrypter, listens: false })));
    },
    async run(address, period) {
      const meter = new Meter(period);
      const target = parseAddress(address);
      const dialRepeatedly = async (node: Libp2p): Promise<void> => {
        while (now() < period.until) {
          const connection = await node.dial(target, { force: true });
          meter.add(1);
          await connection.close();
          await delay(pauseMs);
        }
      };
      await Promise.all(nodes.map(dialRepeatedly));
      return meter.total;
    },
  };
}

/**
 * A connection of js-libp2p: encryption with both peer ids proved, and the muxer agreed upon. The identify protocol,
 * the nearest thing to an exchange of HELLO, is left out to the peer's advantage.
 */
export function libp2pHandshake(encrypter: Encrypter): Subject<HandshakeRoles> {
  return { roles: { listener: () => createListener(encrypter), dialler: () => createDialler(encrypter) } };
}
