interface Resolvers<T> {
  readonly promise: Promise<T>;
  resolve(value: T | PromiseLike<T>): void;
  reject(reason?: unknown): void;
}

function withResolvers<T>(this: PromiseConstructor): Resolvers<T> {
  const settle: Partial<Pick<Resolvers<T>, 'resolve' | 'reject'>> = {};
  const promise = new this<T>((resolve, reject) => {
    settle.resolve = resolve;
    settle.reject = reject;
  });
  const { resolve, reject } = settle;
  if (resolve === undefined || reject === undefined) throw new TypeError('a promise calls its executor at once');
  return { promise, resolve, reject };
}

/** `Promise.withResolvers` of ECMAScript 2024, which js-libp2p 3 uses and Node 20 lacks. Imported before js-libp2p. */
if (!('withResolvers' in Promise)) {
  Object.defineProperty(Promise, 'withResolvers', { value: withResolvers, configurable: true, writable: true });
}
