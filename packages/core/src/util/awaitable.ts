/**
 * A value now, or a promise of it. Ports return this where one platform answers at once and another cannot
 * (Ed25519 in Node.js and in WebCrypto): code that stays synchronous when it can is faster, and keeps a simulated
 * world deterministic.
 */
export type Awaitable<T> = T | Promise<T>;

export function isPromise<T>(value: Awaitable<T>): value is Promise<T> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

/** Applies `next` as soon as the value is there: at once when it already is. */
export function chain<T, U>(value: Awaitable<T>, next: (value: T) => Awaitable<U>): Awaitable<U> {
  return isPromise(value) ? value.then(next) : next(value);
}
