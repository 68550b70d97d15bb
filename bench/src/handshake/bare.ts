import { createIdentity, dial, type Identity, listen } from '../lib/bare-tls.ts';
import type { Subject } from '../lib/bench.ts';
import { Meter, now } from '../lib/time.ts';
import type { Dialler, HandshakeRoles, Listener } from './roles.ts';

/** About as long as a HELLO. The listener has its say in `listen`. */
const hello = Buffer.alloc(256, 'hello ');

function createListener(): Listener {
  let meter: Meter | undefined;
  return {
    // Open on this side once the dialler, too, has said something.
    listen: () => listen((socket) => socket.once('data', () => meter?.add(1)).resume()),
    measure(period) {
      meter = new Meter(period);
    },
    opened: () => meter?.total ?? 0,
  };
}

function createDialler(): Dialler {
  let identities: Identity[] = [];
  return {
    async prepare(count) {
      identities = Array.from({ length: count }, (_, index) => createIdentity(`dialler ${index}`));
    },
    async run(address, period) {
      const meter = new Meter(period);
      const dialRepeatedly = async (identity: Identity): Promise<void> => {
        while (now() < period.until) {
          const socket = await dial(address, identity);
          socket.resume();
          // An orderly end, as that of a link.
          socket.end(hello);
          meter.add(1);
        }
      };
      await Promise.all(identities.map(dialRepeatedly));
      return meter.total;
    },
  };
}

/** Mutual TLS 1.3 with Ed25519 certificates, a message each way, and an orderly end. */
export const bareHandshake: Subject<HandshakeRoles> = { roles: { listener: createListener, dialler: createDialler } };
