import { commonBits, isCloser, type Records, type Whereabouts } from '@parley/core';
import type { Network } from './network.ts';

/** Servers that hold a record: those nearest to its id. */
const HOLDERS = 3;
/** Servers of a bucket that a node knows. */
const KNOWN = 4;
const LOOKUP_MS = 200;

/**
 * The registry as forwarding sees it, without the registry: each record lies at the servers nearest to it, a server knows some others of each
 * bucket, and a lookup takes a moment. What a record says is up to the test.
 */
export class RecordBook {
  readonly #net: Network;
  readonly #records = new Map<string, Whereabouts>();
  readonly #servers = new Map<string, string>();
  lookups = 0;

  constructor(net: Network) {
    this.#net = net;
  }

  /** What a node says of itself: that it listens at `HOST:4000`, or that it is attached to servers. */
  publish(host: string, attachments: readonly string[] = []): void {
    const net = this.#net;
    const { nodeId, keyId } = net.get(host).identity;
    const isServer = net.get(host).node.nodeType === 'server';
    if (isServer) this.#servers.set(nodeId, host);
    this.sign({
      nodeId,
      keyId,
      nodeType: isServer ? 'server' : 'client',
      endpoints: isServer ? [`memory:${host}:4000`] : [],
      attachments: attachments.map((server) => ({ ...net.get(server).identity, endpoints: [`memory:${server}:4000`] })),
    });
  }

  sign(record: Pick<Whereabouts, 'nodeId' | 'keyId' | 'nodeType' | 'endpoints' | 'attachments'>): void {
    const now = this.#net.world.clock.now();
    const seq = (this.#records.get(record.nodeId)?.seq ?? 0) + 1;
    this.#records.set(record.nodeId, { ...record, seq, time: now, expires: now + 24 * 60 * 60_000 });
  }

  /** What one node holds, and finds. */
  view(self: string): Records {
    const found = new Map<string, Whereabouts>();
    return {
      get: (nodeId) => (this.#nearest(nodeId, HOLDERS).includes(self) ? this.#records.get(nodeId) : found.get(nodeId)),
      find: async (target) => {
        this.lookups++;
        await new Promise<void>((resolve) => this.#net.world.clock.after(LOOKUP_MS, resolve));
        const record = this.#records.get(target) ?? [...this.#records.values()].find(({ keyId }) => keyId === target);
        if (record) found.set(record.nodeId, record);
        return record;
      },
      contacts: () => {
        const buckets = new Map<number, string[]>();
        for (const nodeId of this.#servers.keys()) {
          const bucket = commonBits(self, nodeId);
          const known = buckets.get(bucket) ?? [];
          if (nodeId !== self && this.#isThere(nodeId) && known.length < KNOWN) buckets.set(bucket, [...known, nodeId]);
        }
        return [...buckets.values()].flat().map((nodeId) => ({ nodeId, endpoints: [`memory:${this.#servers.get(nodeId)}:4000`] }));
      },
    };
  }

  /** Servers that are gone are soon taken out of the tables. */
  #isThere(nodeId: string): boolean {
    return this.#net.isRunning(this.#servers.get(nodeId) ?? '');
  }

  #nearest(target: string, count: number): string[] {
    return [...this.#servers.keys()].sort((a, b) => (isCloser(a, b, target) ? -1 : 1)).slice(0, count);
  }
}
