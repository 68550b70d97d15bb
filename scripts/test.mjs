/**
 * `npm test`: everything that must hold, in order, from a fresh checkout. The last line is the sum.
 *
 *   npm test                                  all steps
 *   npm test -- --only unit --only lint       some steps or suites
 *   npm test -- packages/core/src/util        the test files whose path has this in it, and no other step
 */
import { parseArgs } from 'node:util';
import { ensureChromium } from './lib/chromium.mjs';
import { ensureBuilt, ensureDependencies, ensureWebBuilt, exitWith, Stop } from './lib/prepare.mjs';
import { SUITES } from './lib/suites.mjs';
import { run, runTool } from './lib/tools.mjs';
import { runVitest } from './lib/vitest.mjs';

/**
 * @typedef {import('./lib/tally-reporter.mjs').Tally} Tally
 * @typedef {{ title: string, names: string[], needsBuild?: boolean, run: (names: string[]) => Promise<Tally | number> }} Step
 *   `names`: what `--only` calls it. `run` is given those that are wanted, and answers with a tally or an exit code.
 */

/** @type {Promise<boolean> | undefined} */
let building;

/**
 * @param {string} title
 * @param {...string} names
 * @returns {Step}
 */
function suites(title, ...names) {
  const needsBuild = SUITES.some((suite) => suite.needsBuild && names.includes(suite.name));
  return { title, names, needsBuild, run: runSuites };
}

/**
 * Those that run in a browser are left out where there is none, and said to be.
 *
 * @param {readonly string[]} names
 * @param {readonly string[]} [paths]
 * @returns {Promise<Tally>}
 */
async function runSuites(names, paths = []) {
  const inBrowser = SUITES.filter((suite) => suite.inBrowser && names.includes(suite.name));
  if (inBrowser.length === 0 || (await ensureChromium()) !== undefined) return runVitest(names, paths);
  const others = names.filter((name) => !inBrowser.some((suite) => suite.name === name));
  const tally = others.length > 0 ? await runVitest(others, paths) : { passed: 0, failed: [], skipped: [] };
  const left = inBrowser.map(({ name, include }) => ({
    file: include.join(', '),
    name: `the suite ${name}`,
    reason: 'there is no Chromium here',
  }));
  return { ...tally, skipped: [...tally.skipped, ...left] };
}

/** @type {readonly Step[]} */
const STEPS = [
  { title: 'types', names: ['types'], run: checkTypes },
  {
    title: 'lint and format',
    names: ['lint'],
    run: () => runTool('biome', ['check', '--error-on-warnings', '--max-diagnostics=100', '.']),
  },
  {
    title: 'dead code and dependencies',
    names: ['dead-code'],
    run: () => runTool('knip', ['--no-progress', '--no-config-hints']),
  },
  suites('rules, unit and contract tests', 'rules', 'unit', 'contract'),
  suites('scenarios', 'scenarios'),
  suites('programs on real sockets', 'e2e'),
  suites('nodes in a browser', 'browser'),
  { title: 'generated documents', names: ['docs'], needsBuild: true, run: () => run(process.execPath, ['scripts/docs.mjs', '--check']) },
  suites('interoperation with other programs', 'interop'),
];

async function checkTypes() {
  const built = await build();
  const codes = [];
  // What runs in a browser sees other globals.
  for (const project of ['tsconfig.test.json', 'tests/browser', 'packages/web']) codes.push(await runTool('tsc', ['-p', project]));
  return built ? Math.max(...codes) : 1;
}

/** Whether the compiled programs are there and up to date. */
function build() {
  building ??= ensureBuilt()
    .then(ensureWebBuilt)
    .then(
      () => true,
      (error) => {
        console.log(error instanceof Stop ? error.message : error);
        return false;
      },
    );
  return building;
}

/**
 * @param {Step} step
 * @param {string[]} names
 * @returns {Promise<Tally>}
 */
async function runStep(step, names) {
  console.log(`\n== ${step.title} (${names.join(', ')})`);
  const begun = performance.now();
  /** @type {Tally | number} */
  let outcome = 1;
  if (step.needsBuild && !(await build())) console.log('not run: the build failed');
  else outcome = await step.run(names).catch(explain);
  const tally = typeof outcome === 'number' ? { passed: 0, failed: outcome === 0 ? [] : [step.title], skipped: [] } : outcome;
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(`-- ${step.title}: ${tally.failed.length === 0 ? 'ok' : 'FAILED'}, ${seconds} s`);
  return tally;
}

/**
 * A step that could not be run has failed; the others still tell something.
 *
 * @param {unknown} error
 */
function explain(error) {
  console.log(error);
  return 1;
}

/** @param {readonly Tally[]} tallies */
function conclude(tallies) {
  const skipped = tallies.flatMap((tally) => tally.skipped);
  const failed = tallies.flatMap((tally) => tally.failed);
  const passed = tallies.reduce((total, tally) => total + tally.passed, 0);
  console.log('');
  for (const test of skipped) console.log(`skipped: ${test.file}: ${test.name}: ${test.reason ?? 'no reason given'}`);
  for (const failure of failed) console.log(`failed: ${failure}`);
  console.log(`${passed} passed, ${failed.length} failed, ${skipped.length} skipped`);
  return failed.length === 0 ? 0 : 1;
}

/** @param {readonly string[]} only */
function select(only) {
  const known = STEPS.flatMap((step) => step.names);
  const unknown = only.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Stop(`There is no step ${unknown.join(', ')}. Steps: ${known.join(', ')}`, 2);
  const wanted = STEPS.map((step) => ({ step, names: step.names.filter((name) => only.length === 0 || only.includes(name)) }));
  return wanted.filter(({ names }) => names.length > 0);
}

function parseOptions() {
  try {
    const { values, positionals } = parseArgs({ options: { only: { type: 'string', multiple: true } }, allowPositionals: true });
    return { only: (values.only ?? []).flatMap((names) => names.split(',')), paths: positionals };
  } catch (error) {
    throw new Stop(`${/** @type {Error} */ (error).message}\nUsage: npm test -- [--only STEP]... [PATH]...`, 2);
  }
}

await exitWith(async () => {
  const { only, paths } = parseOptions();
  const selected = select(only);
  await ensureDependencies();
  if (paths.length > 0) {
    const wanted = SUITES.filter((suite) => only.length === 0 || only.includes(suite.name));
    const compiled = wanted
      .filter((suite) => suite.needsBuild)
      .flatMap((suite) => suite.include.map((glob) => glob.split('/*')[0] ?? glob));
    if (paths.some((path) => compiled.some((folder) => path.startsWith(folder)))) await build();
    return conclude([
      await runSuites(
        wanted.map((suite) => suite.name),
        paths,
      ),
    ]);
  }
  const tallies = [];
  for (const { step, names } of selected) tallies.push(await runStep(step, names));
  return conclude(tallies);
});
