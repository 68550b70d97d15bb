import { dialable, type Link, type Links } from '../../link/index.ts';
import type { Ports } from '../../ports/index.ts';
import { ParleyError } from '../../util/errors.ts';
import type { Metrics } from '../../util/metrics.ts';
import type { Scope } from '../../util/scope.ts';
import { AttemptLog } from './attempts.ts';
import type { NeighbourConfig } from './config.ts';

export interface DiallerDeps {
  readonly ports: Ports;
  readonly links: Links;
  readonly metrics: Metrics;
  readonly scope: Scope;
}

/** Endpoints of one record that are tried. */
const MAX_ENDPOINTS = 4;

/**
 * Dials nodes at the endpoints that their records name. An endpoint is a stranger's word: whoever answers must prove the key that was meant, and
 * what fails waits longer each time.
 */
export class Dialler {
  readonly attempts: AttemptLog;
  readonly #deps: DiallerDeps;
  readonly #dialling = new Map<string, Promise<Link | undefined>>();

  constructor(deps: DiallerDeps, config: NeighbourConfig) {
    this.#deps = deps;
    this.attempts = new AttemptLog(config);
  }

  /** Dials under way. */
  get size(): number {
    return this.#dialling.size;
  }

  /** Whether there is anything to dial, and it is time to. */
  mayDial(nodeId: string, endpoints: readonly string[]): boolean {
    const { ports, links } = this.#deps;
    if (links.get(nodeId) || this.#dialling.has(nodeId) || !this.attempts.mayDial(nodeId, ports.clock.monotonic())) return false;
    return endpoints.some((endpoint) => dialable(endpoint, ports.transports) !== undefined);
  }

  /** The dial of a node that is under way. */
  pending(nodeId: string): Promise<Link | undefined> | undefined {
    return this.#dialling.get(nodeId);
  }

  /** A link to a node that we made; undefined when there is none, or another stands. */
  dial(nodeId: string, endpoints: readonly string[]): Promise<Link | undefined> {
    const dialled = this.#dial(nodeId, endpoints).finally(() => this.#dialling.delete(nodeId));
    this.#dialling.set(nodeId, dialled);
    return dialled;
  }

  async #dial(nodeId: string, endpoints: readonly string[]): Promise<Link | undefined> {
    const { ports, scope, metrics } = this.#deps;
    for (const endpoint of endpoints.slice(0, MAX_ENDPOINTS)) {
      const link = await this.#try(nodeId, endpoint);
      if (link === 'stands') return undefined;
      if (link) {
        this.attempts.succeeded(nodeId, link.latencyMs);
        return link;
      }
    }
    if (!scope.closed) {
      metrics.count('direct_dials', 'failed');
      this.attempts.failed(nodeId, ports.clock.monotonic(), ports.random.number());
    }
    return undefined;
  }

  async #try(nodeId: string, endpoint: string): Promise<Link | 'stands' | undefined> {
    const { ports, links, scope, metrics } = this.#deps;
    const target = dialable(endpoint, ports.transports);
    if (!target || scope.closed) return undefined;
    try {
      const link = await links.dial(target.transport, target.address, scope.signal);
      if (link.peer.nodeId === nodeId) {
        metrics.count('direct_dials', 'open');
        return link;
      }
      // The record lies, or the address is somebody else's by now.
      metrics.reject('endpoint-not-theirs');
      links.close(link, 'not whom the record names');
    } catch (error) {
      const failure = ParleyError.from(error);
      if (failure.code === 'already-open' && failure.data.nodeId === nodeId) return 'stands';
      ports.log.debug('an endpoint could not be dialled', { nodeId, code: failure.code });
    }
    return undefined;
  }
}
