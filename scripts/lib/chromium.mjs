import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { withLock } from './lock.mjs';
import { run } from './tools.mjs';

/** What the executable is called by Debian and by others. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const PACKAGES = ['chromium', 'fonts-noto-color-emoji'];

/** For a browser that is driven by a program: nothing is asked, nothing fetched that no page wants, and it may run as root. */
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * The installed Chromium, if there is one: the one that PARLEY_CHROMIUM names, or the first on the path.
 *
 * @returns {string | undefined}
 */
export function findChromium() {
  const given = process.env.PARLEY_CHROMIUM;
  if (given) return given;
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isExecutable);
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
 * The path of Chromium. Where it is missing it is installed, if that needs nobody: on Debian, as root. Undefined with a printed reason
 * when there is none.
 *
 * @returns {Promise<string | undefined>}
 */
export async function ensureChromium() {
  const found = findChromium();
  if (found) return found;
  const hint = `install it (on Debian: apt-get install ${PACKAGES.join(' ')}), or name one in PARLEY_CHROMIUM`;
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) {
    console.log(`There is no Chromium: ${hint}.`);
    return undefined;
  }
  return withLock('chromium', async () => {
    if (findChromium()) return findChromium();
    console.error(`Installing ${PACKAGES.join(' and ')} of Debian ...`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const updated = await apt(['update', '-qq'], env);
    const code = updated === 0 ? await apt(['install', '-y', '-qq', '--no-install-recommends', ...PACKAGES], env) : updated;
    const installed = findChromium();
    if (!installed) console.log(`Chromium could not be installed (exit code ${code}): ${hint}.`);
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
