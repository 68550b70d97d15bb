/** Bytes of a large one: eight TLS records. */
export const STAGE_BYTES = 128 * 1024;
/** Of a small one: what a connection that is not read from keeps, while all that it has to send are texts. */
export const SMALL_STAGE_BYTES = 12 * 1024 + 4;
/** Kept of each size for the next connection that is in a hurry. */
const MAX_SPARE = 4;

/** Room of one size in which output is put together; all connections of a transport share what is spare. */
export class Stages {
  readonly #bytes: number;
  readonly #spare: Buffer[] = [];

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  take(): Buffer {
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.#bytes);
  }

  /** One of another size is not kept. */
  give(stage: Buffer): void {
    if (stage.length === this.#bytes && this.#spare.length < MAX_SPARE) this.#spare.push(stage);
  }
}
