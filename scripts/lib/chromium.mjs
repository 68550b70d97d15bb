import { ensureProgram, findProgram } from './debian.mjs';

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
  return process.env.PARLEY_CHROMIUM || findProgram(...NAMES);
}

/**
 * The path of Chromium. Where it is missing it is installed, if that needs nobody: on Debian, as root. Undefined with a printed reason
 * when there is none.
 *
 * @returns {Promise<string | undefined>}
 */
export function ensureChromium() {
  return ensureProgram({ what: 'Chromium', find: findChromium, packages: PACKAGES, hint: ', or name one in PARLEY_CHROMIUM' });
}
