import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { ROOT } from './root.mjs';
import { Stop } from './stop.mjs';
import { run } from './tools.mjs';

const LOCK_FILE = join(ROOT, 'package-lock.json');
/** What npm itself writes of what it installed. */
const INSTALLED = join(ROOT, 'node_modules/.package-lock.json');
/** The hash of the lock file that `node_modules` was last found to agree with. */
const STAMP = join(ROOT, 'node_modules/.parley-stamp');

/** Installs the locked dependencies when they are missing or the lock file changed. Nothing else is ever fetched. */
export async function ensureDependencies() {
  checkNode();
  const lockText = readFileSync(LOCK_FILE, 'utf8');
  const hash = createHash('sha256').update(lockText).digest('hex');
  if (isStamped(hash)) return;
  await withLock('install', async () => {
    if (isStamped(hash)) return;
    if (!existsSync(INSTALLED) || !isInstalled(JSON.parse(lockText), JSON.parse(readFileSync(INSTALLED, 'utf8')))) await install();
    writeFileSync(STAMP, `${hash}\n`);
  });
}

/**
 * Whether npm's own note of what it installed has every package of the lock file, at its version, and no other. So an
 * `npm ci` or `npm install` that a person ran counts as well.
 *
 * @typedef {{ packages: Record<string, { version?: string, link?: boolean, optional?: boolean, devOptional?: boolean }> }} LockFile
 * @param {LockFile} lock
 * @param {LockFile} installed
 */
export function isInstalled(lock, installed) {
  for (const [path, wanted] of Object.entries(lock.packages)) {
    if (path === '') continue;
    const present = installed.packages[path];
    // Optional ones are left out where they do not fit the machine.
    if (!present && (wanted.optional || wanted.devOptional)) continue;
    if (!present || present.version !== wanted.version || present.link !== wanted.link) return false;
  }
  return Object.keys(installed.packages).every((path) => path in lock.packages);
}

/** @param {string} hash */
function isStamped(hash) {
  return existsSync(STAMP) && existsSync(INSTALLED) && readFileSync(STAMP, 'utf8').trim() === hash;
}

async function install() {
  console.error('Installing dependencies (npm ci) ...');
  // Development tools are part of what is needed, whatever NODE_ENV says.
  const args = ['ci', '--include=dev', '--prefer-offline', '--no-audit', '--no-fund'];
  const npm = process.env.npm_execpath;
  const code = await (npm?.endsWith('npm-cli.js') ? run(process.execPath, [npm, ...args], { stdout: 'stderr' }) : runNpm(args));
  if (code !== 0) {
    throw new Stop(
      `"npm ci" failed with exit code ${code}; its own message is above.\n` +
        'This step needs the package registry of npm, once. Without a network, connect and run the same command again.',
    );
  }
}

/** @param {readonly string[]} args */
async function runNpm(args) {
  try {
    return await run('npm', args, { stdout: 'stderr' });
  } catch (error) {
    throw new Stop(
      `npm could not be started (${/** @type {Error} */ (error).message}). It comes with Node.js; on Debian: apt-get install npm`,
    );
  }
}

function checkNode() {
  const range = /** @type {string} */ (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).engines.node);
  const minimum = range.replace('>=', '');
  if (!isAtLeast(process.versions.node, minimum)) {
    throw new Stop(`Parley needs Node.js ${minimum} or newer; this is ${process.versions.node} (${process.execPath}).`);
  }
}

/**
 * @param {string} version
 * @param {string} minimum
 */
export function isAtLeast(version, minimum) {
  const have = version.split('.').map(Number);
  const want = minimum.split('.').map(Number);
  for (let i = 0; i < 3; i++) {
    const difference = (have[i] ?? 0) - (want[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
