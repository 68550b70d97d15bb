import { type Log, ParleyError } from '@parley/core';

/** What was opened, to be closed in reverse order; one that fails keeps none of the others open. */
export class Closers {
  readonly #closers: { readonly what: string; readonly close: () => void | Promise<void> }[] = [];
  #closing: Promise<boolean> | undefined;

  add(what: string, close: () => void | Promise<void>): void {
    this.#closers.push({ what, close });
  }

  /** Whether all closed without a fault. Only the first call closes. */
  close(log: Log): Promise<boolean> {
    this.#closing ??= this.#close(log);
    return this.#closing;
  }

  async #close(log: Log): Promise<boolean> {
    let clean = true;
    for (const { what, close } of this.#closers.reverse()) {
      try {
        await close();
      } catch (thrown) {
        const error = ParleyError.from(thrown);
        log.error(`closing ${what} failed`, { code: error.code, error: error.message });
        clean = false;
      }
    }
    return clean;
  }
}
