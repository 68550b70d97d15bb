import { type Awaitable, type Clock, type Crypto, inOrder } from '@parley/core';
import type { SeededRandom } from './random.ts';

/**
 * Signatures as they are checked beside a node's own work (on another core, or by a browser): each answer takes its time, up to `mostMs`, in the order
 * in which they were asked for.
 */
export function lateCrypto(crypto: Crypto, clock: Pick<Clock, 'after'>, random: SeededRandom, mostMs: number): Crypto {
  const late = inOrder(async (fits: Awaitable<boolean>): Promise<boolean> => {
    await new Promise<void>((resolve) => clock.after(random.number() * mostMs, resolve));
    return fits;
  });
  return {
    ...crypto,
    verify: (key, data, signature) => late(crypto.verify(key, data, signature)),
    verifyIssuer: (spki, data, signature) => late(crypto.verifyIssuer(spki, data, signature)),
  };
}
