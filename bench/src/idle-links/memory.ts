import { delay } from '../lib/time.ts';

/** What a process uses, in bytes. */
export interface Memory {
  /** Resident set: all of it, with the memory of OpenSSL and the kernel's view of the heap. */
  readonly residentBytes: number;
  /** Live JavaScript objects, and memory outside of the heap that Node accounts for. */
  readonly heapAndExternalBytes: number;
}

/** Closing handshakes, buffers and finalisers take a few turns and collections. */
const collections = 6;
const pauseMs = 250;

/** The memory of this process after collecting garbage. Needs `--expose-gc`. */
export async function collectAndMeasure(): Promise<Memory> {
  const collect = globalThis.gc;
  if (collect === undefined) throw new Error('start with --expose-gc');
  for (let round = 0; round < collections; round++) {
    await delay(pauseMs);
    collect();
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { residentBytes: rss, heapAndExternalBytes: heapUsed + external };
}
