import type { Link, Links } from '../link/index.ts';
import type { Metrics } from '../util/metrics.ts';
import type { Scope } from '../util/scope.ts';

/** A neighbour that owes us an ACK is asked for a sign of life so many times before the link is given up. */
const PROBES = 3;

/** Links over which an ACK is missing, while it is found out whether they are alive. */
export class Probes {
  readonly #deps: { readonly links: Links; readonly metrics: Metrics; readonly scope: Scope };
  readonly #doubted = new WeakSet<Link>();

  constructor(deps: { readonly links: Links; readonly metrics: Metrics; readonly scope: Scope }) {
    this.#deps = deps;
  }

  /**
   * A neighbour owes us an ACK, and has said nothing since. When it does not answer keep-alives either, the way to it is broken: to wait until
   * the link is found dead would send messages astray for most of a minute. One whose disk is slow does answer.
   */
  doubt(neighbour: string, waitMs: number): void {
    const { links, metrics, scope } = this.#deps;
    const link = links.get(neighbour);
    if (!link || this.#doubted.has(link)) return;
    this.#doubted.add(link);
    const since = links.now();
    const probe = (left: number): void => {
      if (link.closing || link.paused || link.lastReceived > since) this.#doubted.delete(link);
      else if (left === 0) {
        metrics.count('links_unresponsive');
        links.close(link, 'it does not answer');
      } else {
        link.connection.keepAlive();
        scope.after(waitMs, () => probe(left - 1));
      }
    };
    probe(PROBES);
  }
}
