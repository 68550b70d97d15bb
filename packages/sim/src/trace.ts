import { createHash } from 'node:crypto';
import type { MemoryNetwork } from './network/index.ts';

/**
 * A fingerprint of everything that went over a network: when, from where to where, and which bytes. Two runs that give
 * the same digest did the same thing.
 */
export class Trace {
  readonly #hash = createHash('sha256');
  readonly #lines: string[] = [];
  readonly #keep: number;
  #count = 0;
  readonly stop: () => void;

  /** `keep`: how many lines `lines` shows, the first ones, to find where two runs part. */
  constructor(network: MemoryNetwork, options: { keep?: number } = {}) {
    this.#keep = options.keep ?? 0;
    this.stop = network.onFrame((frame) => {
      const { at, kind, fromAddress, toAddress, connection, transfer, bytes } = frame;
      const line = `${at} ${kind} ${connection} ${fromAddress} ${toAddress} ${transfer} ${bytes.length}`;
      this.#count++;
      this.#hash.update(line).update('\n').update(bytes);
      if (this.#lines.length < this.#keep) this.#lines.push(`${line} ${Buffer.from(bytes).toString()}`);
      return undefined;
    });
  }

  /** Frames and datagrams so far. */
  get count(): number {
    return this.#count;
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Of everything so far, in hex. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }
}
