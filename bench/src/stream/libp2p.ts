import { randomBytes } from 'node:crypto';
import type { Stream } from '@libp2p/interface';
import type { Subject } from '../lib/bench.ts';
import { addressOf, createLibp2pNode, type Encrypter, parseAddress } from '../lib/libp2p.ts';
import { Meter, now } from '../lib/time.ts';
import { chunkBytes, type Receiver, type Sender, type StreamRoles } from './roles.ts';

const protocol = '/bench/stream/1';

function createReceiver(encrypter: Encrypter): Receiver {
  let meter: Meter | undefined;
  return {
    async listen() {
      const node = await createLibp2pNode({ encrypter, listens: true });
      await node.handle(protocol, (stream) => {
        stream.addEventListener('message', ({ data }) => meter?.add(data.byteLength));
      });
      return addressOf(node);
    },
    measure(period) {
      meter = new Meter(period);
    },
    received: () => meter?.total ?? 0,
  };
}

/** `onDrain` of js-libp2p resolves at once from the second time on, and would spin: the event is what can be relied on. */
function drained(stream: Stream): Promise<void> {
  return new Promise((resolve) => stream.addEventListener('drain', () => resolve(), { once: true }));
}

function createSender(encrypter: Encrypter): Sender {
  let opened: Stream | undefined;
  return {
    async connect(address) {
      const node = await createLibp2pNode({ encrypter, listens: false });
      opened = await node.dialProtocol(parseAddress(address), protocol);
    },
    async run(period) {
      const stream = opened;
      if (stream === undefined) throw new Error('not connected');
      const chunk = randomBytes(chunkBytes);
      while (now() < period.until) {
        if (!stream.send(chunk) && stream.writableNeedsDrain) await drained(stream);
      }
      stream.abort(new Error('done'));
    },
  };
}

/** One yamux stream with js-libp2p's default windows, and its own back-pressure (`send`, `drain`). */
export function libp2pStream(encrypter: Encrypter): Subject<StreamRoles> {
  return { roles: { receiver: () => createReceiver(encrypter), sender: () => createSender(encrypter) } };
}
