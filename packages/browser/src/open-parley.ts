import { ParleyError } from '@parley/core';
import { createCrypto } from './crypto.ts';
import { IdentityDatabase } from './identity/database.ts';
import { Vault } from './identity/vault.ts';
import { createLog } from './log.ts';
import type { Parley, ParleyOptions } from './parley.ts';
import { createClock, createRandom } from './platform.ts';
import { Leader } from './tabs/leader.ts';
import { Tab } from './tabs/tab.ts';
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

/** Opens Parley in this page: its tab runs the node of this browser, or takes part through the one that does. */
export function openParley(options: ParleyOptions): Parley {
  const { name = 'parley', logLevel, scryptCost } = options;
  const log = createLog(logLevel);
  const random = createRandom();
  const clock = createClock();
  const tab = new Tab({
    name,
    random,
    log,
    check: checkBrowser,
    lead: (part) => {
      const cryptoPort = createCrypto();
      const database = new IdentityDatabase(name);
      const vault = new Vault({ crypto: cryptoPort, random, clock, database, scryptCost });
      return new Leader({
        crypto: cryptoPort,
        random,
        clock,
        log,
        vault,
        database,
        name,
        ownServer: ownServerUrl(options.location),
        ...part,
      });
    },
  });
  void tab.open();
  return tab;
}
