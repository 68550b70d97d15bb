import { createCrypto } from '@parley/host';
import { World } from '@parley/sim';
import { virtualTime } from './lib/time.ts';
import { transportContract } from './lib/transport-contract.ts';
import type { TransportSetup } from './lib/transport-lab.ts';

const MAX = 128 * 1024;
const certificates = { dialler: Uint8Array.of(1, 1), listener: Uint8Array.of(2, 2) };

function setup(proven: boolean, messagesAs: 'bytes' | 'text'): () => Promise<TransportSetup> {
  return async () => {
    const world = new World({
      seed: 'transport contract',
      crypto: createCrypto(),
      conditions: { latencyMs: 1, jitterMs: 1 },
      network: { maxMessageBytes: MAX, messagesAs },
    });
    const { network } = world;
    network.host('silent');
    network.crash('silent', { silent: true });
    return {
      dialler: network.transport('dialler', proven ? { certificate: certificates.dialler } : {}),
      listener: network.transport('listener', proven ? { certificate: certificates.listener } : {}),
      lenient: network.transport('lenient', { maxMessageBytes: 2 * MAX }),
      maxMessageBytes: MAX,
      bind: 'listener:0',
      hosts: { dialler: 'dialler', listener: 'listener' },
      certificates: proven ? certificates : undefined,
      time: virtualTime(world),
      nobody: async () => 'listener:9',
      silent: async () => 'silent:1',
      teardown: async () => {},
    };
  };
}

transportContract('memory', setup(false, 'bytes'), { meets: true });
transportContract('memory, with certificates and text', setup(true, 'text'), { meets: true });
