/** Typed, synchronous events, for notification and never for control flow (DESIGN section 2). */
export class Emitter<Events extends object> {
  #listeners = new Map<keyof Events, Set<(event: never) => void>>();
  #onError: (error: unknown) => void;

  /** `onError` receives what a listener throws: a listener cannot break whoever notifies it. */
  constructor(onError: (error: unknown) => void = () => {}) {
    this.#onError = onError;
  }

  /** Returns a function that ends the subscription. */
  on<K extends keyof Events>(name: K, listener: (event: Events[K]) => void): () => void {
    let set = this.#listeners.get(name);
    if (!set) {
      set = new Set();
      this.#listeners.set(name, set);
    }
    set.add(listener);
    return () => {
      set.delete(listener);
    };
  }

  emit<K extends keyof Events>(name: K, event: Events[K]): void {
    const set = this.#listeners.get(name);
    if (!set) return;
    for (const listener of [...set]) {
      try {
        (listener as (event: Events[K]) => void)(event);
      } catch (error) {
        this.#onError(error);
      }
    }
  }

  /** The next event of this name that satisfies `accept`. Rejects when the signal aborts. */
  next<K extends keyof Events>(name: K, signal: AbortSignal, accept: (event: Events[K]) => boolean = () => true): Promise<Events[K]> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const aborted = (): void => {
        off();
        reject(signal.reason);
      };
      const off = this.on(name, (event) => {
        if (!accept(event)) return;
        off();
        signal.removeEventListener('abort', aborted);
        resolve(event);
      });
      signal.addEventListener('abort', aborted, { once: true });
    });
  }
}
