import { type Log, ParleyError } from '@parley/core';

/** What was opened, to be closed in reverse order; one that fails keeps none of the others open. */
export class Closers {
  readonly #closers: { readonly what: string; readonly close: (failed: boolean) => void | Promise<void> }[] = [];
  #closing: Promise<boolean> | undefined;

  /** `close` is told whether what was opened came to nothing. */
  add(what: string, close: (failed: boolean) => void | Promise<void>): void {
    this.#closers.push({ what, close });
  }

  /** Whether all closed without a fault. Only the first call closes. */
  close(log: Log, failed = false): Promise<boolean> {
    this.#closing ??= this.#close(log, failed);
    return this.#closing;
  }

  async #close(log: Log, failed: boolean): Promise<boolean> {
    let clean = true;
    for (const { what, close } of this.#closers.reverse()) {
      try {
        await close(failed);
      } catch (thrown) {
        const error = ParleyError.from(thrown);
        log.error(`closing ${what} failed`, { code: error.code, error: error.message });
        clean = false;
      }
    }
    return clean;
  }
}
