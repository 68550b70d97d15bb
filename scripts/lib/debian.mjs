import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { withLock } from './lock.mjs';
import { run } from './tools.mjs';

/**
 * The first program on the path that has one of these names.
 *
 * @param {readonly string[]} names
 * @returns {string | undefined}
 */
export function findProgram(...names) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isExecutable);
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there, or not for us.
    return false;
  }
}

/**
 * What `find` finds. Where that is nothing, packages of Debian are installed, if that needs nobody: on Debian, as root. Undefined with a
 * printed reason when it still is not there.
 *
 * @param {{ what: string, find: () => string | undefined, packages: readonly string[], hint?: string }} wanted
 * @returns {Promise<string | undefined>}
 */
export async function ensureProgram({ what, find, packages, hint = '' }) {
  const found = find();
  if (found) return found;
  const advice = `install it (on Debian: apt-get install ${packages.join(' ')})${hint}`;
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) {
    console.log(`There is no ${what}: ${advice}.`);
    return undefined;
  }
  // One at a time, whatever is installed: apt has a lock of its own, on which it gives up.
  return withLock('apt', async () => {
    const again = find();
    if (again) return again;
    console.error(`Installing ${packages.join(' and ')} of Debian ...`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const updated = await apt(['update', '-qq'], env);
    const code = updated === 0 ? await apt(['install', '-y', '-qq', '--no-install-recommends', ...packages], env) : updated;
    const installed = find();
    if (!installed) console.log(`${what} could not be installed (exit code ${code}): ${advice}.`);
    return installed;
  });
}

/**
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
function apt(args, env) {
  return run('apt-get', args, { stdout: 'stderr', env }).catch((error) => {
    console.log(`apt-get could not be started: ${error.message}`);
    return 1;
  });
}
