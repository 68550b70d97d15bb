import { constants } from 'node:os';
import { silentLog } from '@parley/core';
import type { HostNodeOptions } from './options.ts';
import { type HostNode, startHostNode } from './start.ts';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
/**
 * A stop that takes longer is given up: everything that was acknowledged is on disk by then. What waits for others in it is bounded by three seconds
 * together; a machine that is busy needs some more for thousands of links, and those who stop a node wait for eight seconds at least.
 */
const STOP_MS = 6_000;

/**
 * Runs a node until it is told to stop, by SIGTERM, SIGINT or its local API; resolves with the exit code of the process: 0 after a clean
 * stop, 1 otherwise. A second signal ends the process at once. SIGHUP has the certificate of the web app read again, where there is one. Errors are those of `startHostNode`.
 */
export async function runHostNode(options: HostNodeOptions): Promise<number> {
  const log = options.log ?? silentLog;
  let host: HostNode | undefined;
  let wanted = false;
  const stop = (running: HostNode): void => {
    const given = setTimeout(() => {
      log.error('the node did not stop in time');
      process.exit(1);
    }, STOP_MS);
    void running.stop().finally(() => clearTimeout(given));
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (wanted) process.exit(128 + constants.signals[signal]);
    wanted = true;
    log.info('stopping', { signal });
    // While it starts, it stops as soon as it has.
    if (host) stop(host);
  };
  const onRenewal = (): void => void host?.renewCertificate();
  for (const signal of SIGNALS) process.on(signal, onSignal);
  // Elsewhere it ends the process, as it does when its terminal is closed.
  if (options.httpCert !== undefined) process.on('SIGHUP', onRenewal);
  try {
    for (;;) {
      host = await startHostNode({ ...options, onReady: (ready) => (wanted ? undefined : options.onReady?.(ready)) });
      if (wanted) stop(host);
      const clean = await host.stopped;
      if (!host.replaced || wanted) return clean ? 0 : 1;
      log.info('the key was replaced: starting anew');
    }
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
    process.off('SIGHUP', onRenewal);
  }
}
