import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';
import { ParleyError } from '../util/errors.ts';
import { Scope } from '../util/scope.ts';
import type { LinkConfig } from './config.ts';
import type { Links } from './links.ts';

/** A link that lasted this long was a good one: the next attempt comes soon. */
const GOOD_MS = 30_000;

/** The wait before attempt number `failures`, in milliseconds: exponential, half of it at random so that a server's return is no stampede. */
export function backoffMs(failures: number, config: Pick<LinkConfig, 'redialMinMs' | 'redialMaxMs'>, random: number): number {
  const ceiling = Math.min(config.redialMaxMs, config.redialMinMs * 2 ** Math.min(failures, 16));
  return ceiling / 2 + (random * ceiling) / 2;
}

/** Keeps a link to an address: dials, and dials again whenever it is gone, until closed. `nodeId`: the neighbour that is there now. */
export function keepLink(
  deps: { links: Links; clock: Clock; random: Random; log: Log },
  config: LinkConfig,
  target: { transport: string; address: string },
): { readonly nodeId: string | undefined; close(): Promise<void> } {
  const { links, clock, random, log } = deps;
  const scope = new Scope(clock);
  let there: string | undefined;
  const down = async (nodeId: string): Promise<void> => {
    there = nodeId;
    while (links.get(nodeId)) await links.events.next('down', scope.signal, (event) => event.link.peer.nodeId === nodeId);
    there = undefined;
  };
  let warned = false;
  const attempt = async (): Promise<number> => {
    const startedAt = clock.monotonic();
    try {
      const link = await links.dial(target.transport, target.address, scope.signal);
      warned = false;
      await down(link.peer.nodeId);
    } catch (thrown) {
      const error = ParleyError.from(thrown);
      const nodeId = error.code === 'already-open' ? (error.data.nodeId as string) : undefined;
      if (nodeId === undefined) {
        // People should see the first failure; those that follow tell nothing new.
        if (!scope.closed)
          log[warned ? 'info' : 'warn']('could not connect', { address: target.address, code: error.code, error: error.message });
        warned = true;
        return startedAt;
      }
      await down(nodeId);
    }
    return startedAt;
  };
  const run = async (): Promise<void> => {
    let failures = 0;
    while (!scope.closed) {
      const startedAt = await attempt();
      failures = clock.monotonic() - startedAt >= GOOD_MS ? 0 : failures + 1;
      await scope.sleep(backoffMs(failures, config, random.number()));
    }
  };
  scope.run(run(), (error) => log.error('redialling stopped', { error: String(error) }));
  return {
    get nodeId() {
      return there;
    },
    close: () => scope.close(),
  };
}
