import { createIdentity, dial, type Identity, listen } from '../lib/bare-tls.ts';
import type { Subject } from '../lib/bench.ts';
import { Meter, now } from '../lib/time.ts';
import type { Dialler, HandshakeRoles, Listener } from './roles.ts';

function createListener(): Listener {
  let meter: Meter | undefined;
  return {
    listen: () => listen(() => meter?.add(1)),
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
          meter.add(1);
          socket.destroy();
        }
      };
      await Promise.all(identities.map(dialRepeatedly));
      return meter.total;
    },
  };
}

/** Mutual TLS 1.3 with Ed25519 certificates and nothing else. */
export const bareHandshake: Subject<HandshakeRoles> = { roles: { listener: createListener, dialler: createDialler } };
