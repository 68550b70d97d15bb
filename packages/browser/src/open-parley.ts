import { ParleyError } from '@parley/core';
import { createLog } from './log.ts';
import type { Parley, ParleyOptions } from './parley.ts';
import { createRandom } from './platform.ts';
import { Tab } from './tabs/tab.ts';
import { WorkerLeader } from './worker/worker-leader.ts';
import { ownServerUrl } from './ws/address.ts';

/** What a node cannot do without. Throws `unsupported`, saying what to do about it. */
async function checkBrowser(): Promise<void> {
  if (!isSecureContext) {
    throw new ParleyError(
      'unsupported',
      'this page was not loaded securely, and so may not use keys: open it by https:, or on the server itself',
    );
  }
  const missing = [
    ['indexedDB', 'IndexedDB'],
    ['BroadcastChannel', 'BroadcastChannel'],
    ['WebSocket', 'WebSocket'],
  ].filter(([name = '']) => !(name in globalThis));
  if (!('locks' in navigator)) missing.push(['', 'Web Locks']);
  if (missing.length > 0) {
    throw new ParleyError('unsupported', `this browser lacks ${missing.map(([, name]) => name).join(', ')}: use a newer one`);
  }
  try {
    await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
    await crypto.subtle.generateKey('X25519', false, ['deriveBits']);
  } catch (cause) {
    throw new ParleyError('unsupported', 'this browser has not the signatures that Parley uses (Ed25519, X25519): use a newer one', {
      cause,
    });
  }
}

/** Opens Parley in this page: its tab runs the node of this browser, in a worker, or takes part through the one that does. */
export function openParley(options: ParleyOptions): Parley {
  const { name = 'parley', logLevel, scryptCost, startWorker } = options;
  const ownServer = ownServerUrl(options.location);
  const tab = new Tab({
    name,
    random: createRandom(),
    log: createLog(logLevel),
    check: checkBrowser,
    lead: ({ session, publish, phaseChanged }) =>
      new WorkerLeader({ options: { name, ownServer, logLevel, scryptCost, session }, startWorker, publish, phaseChanged }),
  });
  void tab.open();
  return tab;
}
