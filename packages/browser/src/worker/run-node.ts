import { createCrypto } from '../crypto.ts';
import { IdentityDatabase } from '../identity/database.ts';
import { Vault } from '../identity/vault.ts';
import { createLog } from '../log.ts';
import { createClock, createRandom } from '../platform.ts';
import { Leader } from '../tabs/leader.ts';
import { plainError } from '../tabs/protocol.ts';
import type { FromWorker, ToWorker, WorkerOptions } from './protocol.ts';

/** The part of a worker's global scope that is used here: its types are not those of a page. */
interface Scope {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker): void;
  close(): void;
}

function lead({ name, ownServer, logLevel, scryptCost, session }: WorkerOptions, post: (message: FromWorker) => void): Leader {
  const log = createLog(logLevel);
  const random = createRandom();
  const clock = createClock();
  const crypto = createCrypto();
  const database = new IdentityDatabase(name);
  const leader: Leader = new Leader({
    crypto,
    random,
    clock,
    log,
    vault: new Vault({ crypto, random, clock, database, scryptCost }),
    database,
    name,
    ownServer,
    session,
    publish: (event) => post({ kind: 'event', event }),
    phaseChanged: () => post({ kind: 'phase', phase: leader.phase, session: leader.session }),
  });
  return leader;
}

/** Runs the node of this browser in a worker, where nothing that a page draws keeps a message waiting. */
export function runNode(): void {
  const scope = globalThis as unknown as Scope;
  const post = (message: FromWorker): void => scope.postMessage(message);
  let leader: Leader | undefined;
  const answer = async (node: Leader, { id, name, args }: Extract<ToWorker, { kind: 'call' }>): Promise<void> => {
    const outcome = await node.call(name, args).then(
      (value) => ({ value }),
      (error: unknown) => ({ value: undefined, error: plainError(error) }),
    );
    post({ kind: 'answer', id, ...outcome });
  };
  scope.onmessage = ({ data }) => {
    if (data.kind === 'start') {
      leader = lead(data.options, post);
      void leader.start();
    } else if (data.kind === 'call' && leader) void answer(leader, data);
    else if (data.kind === 'wake') leader?.wake();
    else if (data.kind === 'watch') leader?.watchTraffic(data.wanted);
    else if (data.kind === 'close') {
      void (async () => {
        await leader?.close();
        post({ kind: 'closed' });
        scope.close();
      })();
    }
  };
}
