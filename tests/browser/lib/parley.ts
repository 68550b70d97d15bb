import { openParley, type Parley, type Phase, type TabEvent } from '@parley/browser';
import type { ErrorCode } from '@parley/core';
import { afterEach } from 'vitest';
import { realTime } from '../../contract/lib/time.ts';
import { startWorker } from './node-worker.ts';

/** Cheap: what a passphrase costs is tested elsewhere. */
export const CHEAP = { n: 2 ** 10, r: 8, p: 1 };
/** Where nothing listens: these nodes are for themselves. */
export const NOWHERE = { protocol: 'http:', host: '127.0.0.1:9' };

const open: Parley[] = [];
const names: string[] = [];
let made = 0;

/** A browser of its own, as far as Parley can see. */
export function newBrowser(): string {
  const name = `test ${Date.now().toString(36)} ${made++}`;
  names.push(name);
  return name;
}

export function tab(name: string, location: { protocol: string; host: string } = NOWHERE, worker = startWorker): Parley {
  const parley = openParley({ location, startWorker: worker, name, scryptCost: CHEAP, logLevel: 'error' });
  open.push(parley);
  return parley;
}

export async function phase(parley: Parley, wanted: Phase['phase']): Promise<Phase> {
  await realTime.waitFor(() => parley.phase.phase === wanted, `the phase is ${wanted}, not ${JSON.stringify(parley.phase)}`);
  return parley.phase;
}

export function events(parley: Parley): TabEvent[] {
  const all: TabEvent[] = [];
  parley.node.subscribe((event) => all.push(event), { traffic: true });
  return all;
}

export const failure = (code: ErrorCode): { code: ErrorCode } => ({ code });

afterEach(async () => {
  for (const parley of open.splice(0)) await parley.close();
  const files = await navigator.storage.getDirectory();
  for await (const name of files.keys())
    if (names.some((made) => name.startsWith(`${made} `))) await files.removeEntry(name, { recursive: true });
  for (const { name } of await indexedDB.databases()) {
    if (name !== undefined && names.some((made) => name === made || name.startsWith(`${made} `))) indexedDB.deleteDatabase(name);
  }
  names.length = 0;
});
