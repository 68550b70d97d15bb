import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE, ROOT } from './root.mjs';
import { runTool } from './tools.mjs';

let runs = 0;

/**
 * @typedef {import('./tally-reporter.mjs').Tally} Tally
 * @param {readonly string[]} suites names; all when empty
 * @param {readonly string[]} [paths] parts of file names that are wanted; all when empty
 * @param {number} [output] an open file that takes all that is printed
 * @returns {Promise<Tally>}
 */
export async function runVitest(suites, paths = [], output) {
  mkdirSync(CACHE, { recursive: true });
  const file = join(CACHE, `tally-${process.pid}-${++runs}.json`);
  rmSync(file, { force: true });
  const args = ['run', '--root', ROOT, '--reporter=default', `--reporter=${join(ROOT, 'scripts/lib/tally-reporter.mjs')}`];
  if (paths.length === 0) args.push('--passWithNoTests');
  args.push(...suites.flatMap((suite) => ['--project', suite]), ...paths);
  const env = { ...process.env, PARLEY_TALLY: file };
  const code = await runTool('vitest', args, output === undefined ? { env } : { env, output });
  const tally = readTally(file);
  rmSync(file, { force: true });
  // Vitest found something wrong that is not a test: a bad configuration, a crash, no test where one was asked for.
  if (code !== 0 && tally.failed.length === 0) tally.failed.push(`vitest ended with ${code}`);
  return tally;
}

/**
 * @param {string} file
 * @returns {Tally}
 */
function readTally(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOENT') throw error;
    return { passed: 0, failed: [], skipped: [] };
  }
}
