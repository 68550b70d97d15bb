/** Bytes of one: eight TLS records. */
export const STAGE_BYTES = 128 * 1024;
/** Kept for the next connection that is in a hurry. */
const MAX_SPARE = 4;

/** Room in which output is put together; all connections of a transport share what is spare. */
export class Stages {
  readonly #spare: Buffer[] = [];

  take(): Buffer {
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(STAGE_BYTES);
  }

  give(stage: Buffer): void {
    if (this.#spare.length < MAX_SPARE) this.#spare.push(stage);
  }
}
