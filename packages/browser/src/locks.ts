/** Gives a lock up. */
export type Release = () => void;

/**
 * Holds a lock of this browser (Web Locks: one holder among all pages of an origin) until it is released or the page ends. Waits for it at
 * most `waitMs`, or until `signal` aborts; undefined when it was not to be had.
 */
export function holdLock(name: string, wait: number | AbortSignal): Promise<Release | undefined> {
  const signal = typeof wait === 'number' ? AbortSignal.timeout(wait) : wait;
  return new Promise((resolve, reject) => {
    const held = (): Promise<void> =>
      new Promise<void>((release) => {
        resolve(release);
      });
    navigator.locks.request(name, { signal }, held).catch((error: unknown) => {
      if (signal.aborted) resolve(undefined);
      else reject(error);
    });
  });
}
