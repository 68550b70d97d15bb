import { type Awaitable, type Clock, type Crypto, type Identity, inOrder } from '@parley/core';
import type { SeededRandom } from './random.ts';

type Late = <T>(answer: Awaitable<T>) => Awaitable<T>;

/** Gives answers later, each by up to `mostMs`, in the order in which they were asked for. */
function lately(clock: Pick<Clock, 'after'>, random: SeededRandom, mostMs: number): Late {
  return inOrder(async (answer: Awaitable<unknown>): Promise<unknown> => {
    await new Promise<void>((resolve) => clock.after(random.number() * mostMs, resolve));
    return answer;
  }) as Late;
}

/** Signatures as they are checked beside a node's own work: on another core, or by a browser. */
export function lateCrypto(crypto: Crypto, clock: Pick<Clock, 'after'>, random: SeededRandom, mostMs: number): Crypto {
  const late = lately(clock, random, mostMs);
  return {
    ...crypto,
    verify: (key, data, signature) => late(crypto.verify(key, data, signature)),
    verifyIssuer: (spki, data, signature) => late(crypto.verifyIssuer(spki, data, signature)),
  };
}

/** Signatures as a browser makes them. */
export function lateIdentity(identity: Identity, clock: Pick<Clock, 'after'>, random: SeededRandom, mostMs: number): Identity {
  const late = lately(clock, random, mostMs);
  return { ...identity, sign: (data) => late(identity.sign(data)) };
}
