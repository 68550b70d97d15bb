import type { KeyBook } from '../identity/ids.ts';
import { dialable } from '../link/index.ts';
import type { Log } from '../ports/log.ts';
import { ParleyError } from '../util/errors.ts';
import { isGuid } from '../util/guid.ts';
import { type Path, rankPaths } from './paths.ts';
import type { Way } from './ways.ts';
import type { Records, Whereabouts } from './whereabouts.ts';

export interface FinderDeps {
  readonly records: Records;
  readonly keys: KeyBook;
  readonly ways: (nodeId: string) => readonly Way[];
  /** Share of dials of a node that succeeded; undefined before the first. */
  readonly reliability: (nodeId: string) => number | undefined;
  /** A newer record is held. */
  readonly learned: (nodeId: string) => void;
  readonly transports: readonly { readonly name: string }[];
  readonly log: Log;
}

/** Where others are, and the ways to them, by key id or node id. */
export class Finder {
  readonly #deps: FinderDeps;
  #closed = false;

  constructor(deps: FinderDeps) {
    this.#deps = deps;
  }

  close(): void {
    this.#closed = true;
  }

  /**
   * The record of a node, from the network; what is held here does where the network has none. `target`: a key id or node id. Errors:
   * `bad-argument`, `not-found`, `aborted`.
   */
  async find(target: string, signal?: AbortSignal): Promise<Whereabouts> {
    const { records, learned } = this.#deps;
    const { nodeId } = this.identify(target);
    const before = records.get(nodeId)?.seq;
    const record = (await records.find(nodeId, { signal, fresh: true })) ?? records.get(nodeId);
    if (!record) throw new ParleyError('not-found', 'no record of that key is known');
    if (record.seq !== before) learned(nodeId);
    return record;
  }

  /** The record of a node that is held here. */
  record(nodeId: string): Whereabouts | undefined {
    return this.#deps.records.get(nodeId);
  }

  contacts(): ReturnType<Records['contacts']> {
    return this.#deps.records.contacts();
  }

  /** Whom a key id or node id names. Errors: `bad-argument`. */
  identify(target: string): { readonly nodeId: string; readonly keyId?: string } {
    const lower = target.toLowerCase();
    if (isGuid(lower)) return { nodeId: lower };
    const known = this.#deps.keys.resolve(target);
    if (!known) throw new ParleyError('bad-argument', 'neither a key id (key_…) nor a node id');
    return known;
  }

  /** All ways to a node that are known here, best first. `target`: a key id or node id. Errors: `bad-argument`. */
  paths(target: string): Path[] {
    const { nodeId } = this.identify(target);
    const { ways, transports } = this.#deps;
    const reliability = this.#deps.reliability(nodeId);
    const endpoints = (this.record(nodeId)?.endpoints ?? []).filter((endpoint) => dialable(endpoint, transports) !== undefined);
    return rankPaths(
      nodeId,
      ways(nodeId),
      endpoints.map((endpoint) => ({ endpoint, reliability })),
    );
  }

  /** Looks for a record that something waits for. What was known already opens no new way, and is no news. */
  seek(nodeId: string): void {
    const { records, learned, log } = this.#deps;
    const before = records.get(nodeId)?.seq;
    records
      // One that is held has shown no way: it may be an old one, and so may the first that is found.
      .find(nodeId, { first: before === undefined })
      .then((record) => {
        if (record && record.seq !== before && !this.#closed) learned(nodeId);
      })
      .catch((error: unknown) => log.debug('a lookup failed', { error: ParleyError.from(error).message }));
  }
}
