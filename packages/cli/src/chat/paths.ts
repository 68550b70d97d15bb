import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve, sep } from 'node:path';
import { safeText } from '../text/safe-text.ts';

/** Candidates of one Tab: who has more files goes on typing. */
const MOST_CANDIDATES = 200;
/** Where it parts folders, it is no sign that what follows is meant as it is. */
const ESCAPES = process.platform !== 'win32';

/** The path that was written or dropped on the terminal: in quotes, with `\` before a space, or with `~` for the home directory. Absolute. */
export function pathGiven(argument: string): string {
  const [, , quoted] = /^(["'])([\s\S]+)\1$/.exec(argument) ?? [];
  const plain = quoted ?? argument.replace(/^~(?=\/|$)/, () => homedir());
  const path = quoted === undefined && ESCAPES ? plain.replace(/\\([\s\S])/g, '$1') : plain;
  // Whoever ends it so means a directory.
  return path.length > 1 && path.endsWith(sep) ? `${resolve(path)}${sep}` : resolve(path);
}

/** The paths that begin as one was written, as they would be written. */
export function pathsBeginning(written: string): readonly string[] {
  const [, folder = '', beginning = ''] = /^([\s\S]*\/)?([^/]*)$/.exec(written) ?? [];
  const wanted = ESCAPES ? beginning.replace(/\\([\s\S])/g, '$1') : beginning;
  return entriesOf(pathGiven(folder === '' ? '.' : folder))
    .filter(({ name }) => name.startsWith(wanted) && (wanted.startsWith('.') || !name.startsWith('.')) && safeText(name) === name)
    .slice(0, MOST_CANDIDATES)
    .map((entry) => `${folder}${ESCAPES ? entry.name.replace(/\\/g, '\\\\') : entry.name}${entry.isDirectory() ? '/' : ''}`)
    .sort();
}

function entriesOf(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    // What cannot be read completes nothing; sending says why.
    return [];
  }
}
