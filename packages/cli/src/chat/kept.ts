import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../failure.ts';

/** Beside what the node keeps: how this user looks at it in the terminal is no business of other devices. */
const FILE = 'chat.json';
/** As many as a node takes part in. */
const MOST = 500;

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

/** The ids of the channels that were muted on a data directory. Errors: `corrupt`, those of the system. */
export async function readMuted(directory: string): Promise<readonly string[]> {
  const path = join(directory, FILE);
  const json = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    // Nothing was muted yet.
    if (error.code === 'ENOENT') return '{"muted":[]}';
    throw error;
  });
  const muted = mutedIn(json);
  if (!muted) throw new Failure('corrupt', `${path} is damaged: nothing is muted until you mute it again`);
  return muted;
}

function mutedIn(json: string): readonly string[] | undefined {
  try {
    const read: unknown = JSON.parse(json);
    const muted = typeof read === 'object' && read !== null && 'muted' in read ? read.muted : undefined;
    return isList(muted) ? muted.filter((id) => typeof id === 'string').slice(0, MOST) : undefined;
  } catch {
    // It is no JSON, which is said by whoever asked.
    return undefined;
  }
}

/** On disk, in the place of what was there, when it resolves. Errors: those of the system. */
export async function keepMuted(directory: string, muted: readonly string[]): Promise<void> {
  const path = join(directory, FILE);
  const next = `${path}.${process.pid}.tmp`;
  await writeFile(next, `${JSON.stringify({ muted })}\n`, { mode: 0o600 });
  await rename(next, path);
}
