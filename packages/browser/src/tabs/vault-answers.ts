import type { JsonObject, Turns } from '@parley/core';
import type { OpenIdentity } from '../identity/vault.ts';
import { storeNameOf } from '../stores.ts';
import { restoreServers } from './known-servers.ts';
import type { LeaderDeps } from './leader.ts';
import type { LeaderPhase } from './protocol.ts';

/** What can be asked while there is no node. */
export type VaultAnswers = {
  begin(name: string, passphrase?: string): Promise<void>;
  restore(file: Blob, passphrase: string, replace?: boolean): Promise<JsonObject | undefined>;
  unlock(passphrase: string): Promise<void>;
  erase(): Promise<void>;
};

/** What changes who is at home here, as the leading tab does it. */
interface Household {
  readonly turns: Turns;
  readonly isRunning: () => boolean;
  /** Starts the node of an identity. A failure is the phase from then on. */
  readonly run: (open: OpenIdentity) => Promise<void>;
  /** Nothing is kept of who was at home here. Errors: those of the store. */
  readonly empty: () => Promise<void>;
  readonly setServers: (servers: readonly string[]) => void;
  readonly enter: (phase: LeaderPhase) => void;
  readonly fail: (error: unknown) => void;
}

/** What is asked about the identity, answered whether or not a node runs. */
export function vaultAnswers(deps: LeaderDeps, { turns, isRunning, run, empty, setServers, enter, fail }: Household): VaultAnswers {
  const { vault, database, ownServer, publish } = deps;
  const restore: VaultAnswers['restore'] = async (file, passphrase, replace = false) => {
    const { checkBackup, restoreBackup } = await import('../node/backup.ts');
    const progress = (done: number, all: number): void => publish({ event: 'progress', task: 'restore', done, all });
    const to = { vault, storeNameOf: (nodeId: string) => storeNameOf(deps.name, nodeId) };
    if (replace) {
      await checkBackup(deps, file, passphrase, progress);
      await empty();
    }
    const restored = restoreBackup(deps, to, file, passphrase, progress);
    const { open, settings = {} } = await restored.catch((error: unknown) => {
      // Nobody is at home here any more.
      if (replace) fail(error);
      throw error;
    });
    setServers(await restoreServers(database, ownServer, settings.servers));
    await run(open);
    const { app } = settings;
    return typeof app === 'object' && app !== null && !Array.isArray(app) ? app : undefined;
  };
  return {
    begin: (name, passphrase) => turns.take(async () => run(await vault.create(name, passphrase))),
    restore: (file, passphrase, replace) => turns.take(() => restore(file, passphrase, replace)),
    unlock: (passphrase) =>
      turns.take(async () => {
        if (!isRunning()) await run(await vault.open(passphrase));
      }),
    erase: () =>
      turns.take(async () => {
        await empty();
        enter({ phase: 'new' });
      }),
  };
}
