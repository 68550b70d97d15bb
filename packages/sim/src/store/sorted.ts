const CHUNK = 512;

/** A map in the order of its keys (by code unit). Chunks keep an insertion from moving everything behind it. */
export class SortedMap<V> {
  readonly #values = new Map<string, V>();
  #chunks: string[][] = [];

  get size(): number {
    return this.#values.size;
  }

  get(key: string): V | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: V): void {
    const known = this.#values.has(key);
    this.#values.set(key, value);
    if (known) return;
    const index = Math.max(0, this.#chunkOf(key));
    const chunk = this.#chunks[index];
    if (chunk === undefined) {
      this.#chunks.push([key]);
      return;
    }
    chunk.splice(lowerBound(chunk, key), 0, key);
    if (chunk.length > CHUNK) this.#chunks.splice(index + 1, 0, chunk.splice(CHUNK / 2));
  }

  delete(key: string): boolean {
    if (!this.#values.delete(key)) return false;
    const index = this.#chunkOf(key);
    const chunk = this.#chunks[index] as string[];
    chunk.splice(lowerBound(chunk, key), 1);
    if (chunk.length === 0) this.#chunks.splice(index, 1);
    return true;
  }

  /** Entries from the first key at or above `from`. */
  *ascending(from = ''): IterableIterator<[string, V]> {
    const start = Math.max(0, this.#chunkOf(from));
    for (let c = start; c < this.#chunks.length; c++) {
      const chunk = this.#chunks[c] as string[];
      for (let i = c === start ? lowerBound(chunk, from) : 0; i < chunk.length; i++) {
        const key = chunk[i] as string;
        yield [key, this.#values.get(key) as V];
      }
    }
  }

  /** Entries from the last key at or below `from` (undefined: the last of all) downwards. */
  *descending(from?: string): IterableIterator<[string, V]> {
    const start = from === undefined ? this.#chunks.length - 1 : this.#chunkOf(from);
    for (let c = start; c >= 0; c--) {
      const chunk = this.#chunks[c] as string[];
      let i = chunk.length - 1;
      if (c === start && from !== undefined) {
        i = lowerBound(chunk, from);
        if (chunk[i] !== from) i--;
      }
      for (; i >= 0; i--) {
        const key = chunk[i] as string;
        yield [key, this.#values.get(key) as V];
      }
    }
  }

  /** The last chunk that begins at or before the key; -1 when none does. */
  #chunkOf(key: string): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (((this.#chunks[middle] as string[])[0] as string) <= key) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/** Index of the first key at or above. */
function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
