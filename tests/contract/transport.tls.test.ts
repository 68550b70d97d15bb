import { createPrivateKey } from 'node:crypto';
import { createSecret, identityFromSecret, silentLog, splitSecret, type Transport } from '@parley/core';
import { createClock, createCrypto, createRandom, createTlsTransport } from '@parley/host';
import { onLoopback } from './lib/loopback.ts';
import { transportContract } from './lib/transport-contract.ts';
import type { TransportSetup } from './lib/transport-lab.ts';

const MAX = 128 * 1024;
/** In front of a raw Ed25519 seed in PKCS #8 (RFC 8410 section 7). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

async function makeTransport(name: string, maxFrameBytes: number): Promise<{ transport: Transport; certificate: Uint8Array }> {
  const deps = { crypto: createCrypto(), random: createRandom(), clock: createClock() };
  const secret = createSecret(deps);
  const { certificate } = await identityFromSecret(deps, { secret, name });
  const key = Buffer.concat([PKCS8_PREFIX, splitSecret(secret).signing]);
  const privateKey = createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  return { transport: createTlsTransport({ certificate, privateKey, maxFrameBytes, log: silentLog }), certificate };
}

transportContract(
  'TLS',
  async (): Promise<TransportSetup> => {
    const dialler = await makeTransport('dialler', MAX);
    const listener = await makeTransport('listener', MAX);
    const lenient = await makeTransport('lenient', 2 * MAX);
    return {
      ...onLoopback(listener.transport),
      dialler: dialler.transport,
      listener: listener.transport,
      lenient: lenient.transport,
      maxMessageBytes: MAX,
      hosts: { dialler: '127.0.0.1', listener: '127.0.0.1' },
      certificates: { dialler: dialler.certificate, listener: listener.certificate },
    };
  },
  { meets: true },
);
