/** Whose certificate was learnt, and the name in it. */
export interface KnownCertificate {
  readonly nodeId: string;
  readonly keyId: string;
  readonly name: string;
}

interface Entry {
  readonly known: KnownCertificate;
  /** When it was last used, in milliseconds since 1970; and what is on disk of that. */
  used: number;
  saved: number;
}

/** So many of those that were not used for longest are looked at for one that nobody here has to do with. */
const SCAN = 100;

/**
 * What is known of certificates, bounded: strangers who were not used for longest are given up first, then those of the channels of this
 * node. Pure.
 */
export class CertificateShelf {
  readonly #entries = new Map<string, Entry>();
  readonly #capacity: number;
  readonly #favoured: (nodeId: string) => boolean;

  constructor(capacity: number, favoured: (nodeId: string) => boolean) {
    this.#capacity = capacity;
    this.#favoured = favoured;
  }

  get size(): number {
    return this.#entries.size;
  }

  ids(): string[] {
    return [...this.#entries.keys()];
  }

  /** Looks without using. */
  peek(nodeId: string): KnownCertificate | undefined {
    return this.#entries.get(nodeId)?.known;
  }

  use(nodeId: string, now: number): KnownCertificate | undefined {
    const entry = this.#entries.get(nodeId);
    if (!entry) return undefined;
    entry.used = now;
    this.#toEnd(nodeId, entry);
    return entry.known;
  }

  /** Adds one; what was read back, in order of use. Returns who is given up for it. */
  put(known: KnownCertificate, used: number): string[] {
    this.#toEnd(known.nodeId, { known, used, saved: used });
    const gone: string[] = [];
    while (this.#entries.size > this.#capacity) {
      const nodeId = this.#least();
      this.#entries.delete(nodeId);
      gone.push(nodeId);
    }
    return gone;
  }

  delete(nodeId: string): void {
    this.#entries.delete(nodeId);
  }

  /** Those that were used `olderMs` after what is on disk says, or later: now it is to be written. */
  takeUses(olderMs: number): { readonly known: KnownCertificate; readonly used: number }[] {
    const uses: { known: KnownCertificate; used: number }[] = [];
    for (const entry of this.#entries.values()) {
      if (entry.used - entry.saved < olderMs) continue;
      entry.saved = entry.used;
      uses.push({ known: entry.known, used: entry.used });
    }
    return uses;
  }

  /** The one to give up. Who is spared goes to the end, so that the next look begins behind them. */
  #least(): string {
    const spared: [string, Entry][] = [];
    let least: string | undefined;
    for (const [nodeId, entry] of this.#entries) {
      if (!this.#favoured(nodeId)) least = nodeId;
      if (least !== undefined || spared.length >= SCAN) break;
      spared.push([nodeId, entry]);
    }
    least ??= spared.shift()?.[0];
    for (const [nodeId, entry] of spared) this.#toEnd(nodeId, entry);
    return least ?? '';
  }

  #toEnd(nodeId: string, entry: Entry): void {
    this.#entries.delete(nodeId);
    this.#entries.set(nodeId, entry);
  }
}
