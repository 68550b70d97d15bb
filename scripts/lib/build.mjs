import { existsSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { join, relative } from 'node:path';
import { bundle, bundledAt } from './bundle.mjs';
import { withLock } from './lock.mjs';
import { ROOT } from './root.mjs';
import { Stop } from './stop.mjs';
import { runTool } from './tools.mjs';

const COMMAND = 'packages/cli';
const SHARED = ['tsconfig.base.json', 'package-lock.json'];

/**
 * Compiles projects and what they refer to, when a source is newer than its output. Cheap when nothing changed: it reads
 * modification times alone.
 *
 * @param {readonly string[]} [projects] folders relative to the root; all of `tsconfig.json` when left out
 */
export async function ensureBuilt(projects = references(ROOT)) {
  const folders = withReferences(projects);
  if (!folders.some(isStale)) return;
  await withLock('build', async () => {
    if (!folders.some(isStale)) return;
    console.error(`Building ${projects.join(', ')} ...`);
    const begun = new Date();
    const code = await runTool('tsc', ['-b', ...projects], { stdout: 'stderr' });
    if (code !== 0) throw new Stop('The build failed: the errors are above.');
    const empty = folders.filter((folder) => !existsSync(buildInfo(folder)));
    if (empty.length > 0) throw new Stop(`The compiler found nothing to compile in ${empty.join(', ')}.`);
    // What was saved while the compiler ran is newer than this, and stale next time. The compiler itself leaves the
    // note's time alone when a newer source brought no change.
    for (const folder of folders) utimesSync(buildInfo(folder), begun, begun);
    if (folders.includes(COMMAND)) await bundle(begun);
  });
}

/** @param {string} folder */
const buildInfo = (folder) => join(ROOT, folder, 'dist/.tsbuildinfo');

/** @param {string} folder */
function isStale(folder) {
  const built = statSync(buildInfo(folder), { throwIfNoEntry: false })?.mtimeMs;
  if (built === undefined) return true;
  // Also after what it refers to was compiled without it.
  if (folder === COMMAND && withReferences([folder]).some((part) => statSync(buildInfo(part)).mtimeMs > (bundledAt() ?? 0))) return true;
  const watched = [...SHARED, join(folder, 'tsconfig.json'), join(folder, 'package.json')].map((file) => join(ROOT, file));
  return watched.some((file) => statSync(file).mtimeMs > built) || newest(join(ROOT, folder, 'src')) > built;
}

/**
 * The latest modification in a folder, in milliseconds since 1970; folders count, so that a removed file is noticed.
 *
 * @param {string} folder
 * @returns {number}
 */
export function newest(folder) {
  let latest = statSync(folder).mtimeMs;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    latest = Math.max(latest, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs);
  }
  return latest;
}

/**
 * @param {string} folder absolute
 * @returns {string[]} folders relative to the root
 */
function references(folder) {
  const config = JSON.parse(readFileSync(join(folder, 'tsconfig.json'), 'utf8'));
  return (config.references ?? []).map((/** @type {{ path: string }} */ { path }) => relative(ROOT, join(folder, path)));
}

/**
 * @param {readonly string[]} projects
 * @returns {string[]}
 */
function withReferences(projects) {
  const all = new Set(projects);
  for (const project of all) for (const reference of references(join(ROOT, project))) all.add(reference);
  return [...all];
}
