import type { KeyBook } from '../../identity/ids.ts';
import type { Crypto } from '../../ports/crypto.ts';
import { type Awaitable, chain, isPromise } from '../../util/awaitable.ts';
import { LruMap } from '../../util/bounded.ts';
import { equalBytes, latin } from '../../util/bytes.ts';
import type { Metrics } from '../../util/metrics.ts';
import { type RegistryRecord, readRecord } from './record.ts';

/** Where the signature lies in a record: behind the version and the key. */
const SIGNATURE_AT = 33;
const SIGNATURE_END = 97;

/** Reads records that anybody may have made, and remembers those that it has checked: the same ones come from many sides. */
export class RecordReader {
  readonly #deps: { readonly crypto: Crypto; readonly keys: KeyBook; readonly metrics: Metrics };
  readonly #trusting: Parameters<typeof readRecord>[0];
  readonly #known = new LruMap<string, RegistryRecord>(4096);

  constructor(deps: { readonly crypto: Crypto; readonly keys: KeyBook; readonly metrics: Metrics }) {
    this.#deps = deps;
    this.#trusting = { keys: deps.keys, crypto: { ...deps.crypto, verify: () => true } };
  }

  /**
   * Undefined for what is no record, or not one of this node; the reason is counted. `now`: milliseconds since 1970. `may`: asked before a
   * signature is checked, which costs more than all else.
   */
  read(bytes: Uint8Array, now: number, nodeId?: string, may?: () => boolean): Awaitable<RegistryRecord | undefined> {
    const name = latin(bytes.subarray(SIGNATURE_AT, SIGNATURE_END));
    const known = this.#known.get(name);
    if (known && known.expires > now && equalBytes(known.bytes, bytes)) return this.#expected(known, nodeId);
    if (may && !may()) return undefined;
    return chain(readRecord(this.#deps, bytes, now), (record) => {
      if (typeof record === 'string') {
        this.#deps.metrics.reject(record);
        return undefined;
      }
      this.#known.set(name, record);
      return this.#expected(record, nodeId);
    });
  }

  /** What was made or checked here before: its signature is not checked again. Undefined once it has expired. */
  trusted(bytes: Uint8Array, now: number): RegistryRecord | undefined {
    const record = readRecord(this.#trusting, bytes, now);
    return typeof record === 'object' && !isPromise(record) ? record : undefined;
  }

  #expected(record: RegistryRecord, nodeId: string | undefined): RegistryRecord | undefined {
    if (nodeId === undefined || record.nodeId === nodeId) return record;
    this.#deps.metrics.reject('record-other-node');
    return undefined;
  }
}
