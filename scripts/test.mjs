/**
 * `npm test`: everything that must hold, from a fresh checkout. What leaves a processor idle has others beside it. The last line is the sum.
 *
 *   npm test                                  all steps
 *   npm test -- --only unit --only lint       some steps or suites
 *   npm test -- packages/core/src/util        the test files whose path has this in it, and no other step
 */
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureChromium } from './lib/chromium.mjs';
import { ensureBuilt, ensureDependencies, ensureWebBuilt, exitWith, Stop } from './lib/prepare.mjs';
import { CACHE } from './lib/root.mjs';
import { SUITES } from './lib/suites.mjs';
import { run, runTool } from './lib/tools.mjs';
import { runVitest } from './lib/vitest.mjs';

/**
 * @typedef {import('./lib/tally-reporter.mjs').Tally} Tally
 * @typedef {{ title: string, names: string[], needsBuild?: boolean, beside?: boolean, run: (names: string[], output?: number) => Promise<Tally | number> }} Step
 *   `names`: what `--only` calls it. `run` is given those that are wanted, and answers with a tally or an exit code. `beside`: it runs beside
 *   those that are not, one after another, and what it prints, into the open file `output`, is shown when it has ended.
 * @typedef {{ step: Step, names: string[] }} Wanted
 */

/** @type {Promise<void> | undefined} */
let compiling;
/** @type {Promise<boolean> | undefined} */
let building;

/**
 * @param {string} title
 * @param {...string} names
 * @returns {Step}
 */
function suites(title, ...names) {
  const needsBuild = SUITES.some((suite) => suite.needsBuild && names.includes(suite.name));
  return { title, names, needsBuild, run: (wanted, output) => runSuites(wanted, [], output) };
}

/**
 * Those that run in a browser are left out where there is none, and said to be.
 *
 * @param {readonly string[]} names
 * @param {readonly string[]} [paths]
 * @param {number} [output]
 * @returns {Promise<Tally>}
 */
async function runSuites(names, paths = [], output) {
  const inBrowser = SUITES.filter((suite) => suite.inBrowser && names.includes(suite.name));
  if (inBrowser.length === 0 || (await ensureChromium()) !== undefined) return runVitest(names, paths, output);
  const others = names.filter((name) => !inBrowser.some((suite) => suite.name === name));
  const tally = others.length > 0 ? await runVitest(others, paths, output) : { passed: 0, failed: [], skipped: [] };
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
    beside: true,
    run: (_, output) => runTool('biome', ['check', '--error-on-warnings', '--max-diagnostics=100', '.'], into(output)),
  },
  {
    title: 'dead code and dependencies',
    names: ['dead-code'],
    beside: true,
    run: (_, output) => runTool('knip', ['--no-progress', '--no-config-hints'], into(output)),
  },
  { ...suites('nodes in a browser', 'browser'), beside: true },
  suites('rules, unit and contract tests, and scenarios', 'rules', 'unit', 'contract', 'scenarios'),
  suites('programs on real sockets, and with other programs', 'e2e', 'interop'),
  { title: 'generated documents', names: ['docs'], needsBuild: true, run: () => run(process.execPath, ['scripts/docs.mjs', '--check']) },
];

/** @param {number | undefined} output */
const into = (output) => (output === undefined ? {} : { output });

async function checkTypes() {
  const codes = [];
  // The types of what is compiled are there when the web app is still being built.
  const compiled = compile();
  const built = build();
  await compiled.catch(() => {});
  // What runs in a browser sees other globals.
  for (const project of ['tsconfig.test.json', 'tests/browser', 'packages/web']) codes.push(await runTool('tsc', ['-p', project]));
  return (await built) ? Math.max(...codes) : 1;
}

function compile() {
  compiling ??= ensureBuilt();
  return compiling;
}

/** Whether the compiled programs are there and up to date. */
function build() {
  building ??= compile()
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
 * @param {Wanted} wanted
 * @param {number} [output]
 * @returns {Promise<Tally>}
 */
async function runStep({ step, names }, output) {
  const title = `\n== ${step.title} (${names.join(', ')})`;
  if (output === undefined) console.log(title);
  const begun = performance.now();
  /** @type {Tally | number} */
  let outcome = 1;
  const ready = !step.needsBuild || (await build());
  if (ready) outcome = await step.run(names, output).catch(explain);
  if (output !== undefined) console.log(`${title}\n${readFileSync(output, 'utf8')}`);
  if (!ready) console.log('not run: the build failed');
  const tally = typeof outcome === 'number' ? { passed: 0, failed: outcome === 0 ? [] : [step.title], skipped: [] } : outcome;
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(`-- ${step.title}: ${tally.failed.length === 0 ? 'ok' : 'FAILED'}, ${seconds} s`);
  return tally;
}

/**
 * Those that run beside others, and the others; each lot in its order.
 *
 * @param {readonly Wanted[]} selected
 * @returns {Promise<Tally[]>}
 */
async function runSteps(selected) {
  const beside = selected.filter(({ step }) => step.beside);
  const others = selected.filter(({ step }) => !step.beside);
  const row = async (/** @type {Wanted[]} */ steps, /** @type {boolean} */ hidden) => {
    const tallies = [];
    for (const [at, wanted] of steps.entries()) tallies.push(await (hidden ? besides(wanted, at) : runStep(wanted)));
    return tallies;
  };
  return (await Promise.all([row(others, false), row(beside, others.length > 0)])).flat();
}

/**
 * @param {Wanted} wanted
 * @param {number} at
 */
async function besides(wanted, at) {
  mkdirSync(CACHE, { recursive: true });
  const file = join(CACHE, `step-${process.pid}-${at}.txt`);
  const output = openSync(file, 'w+');
  try {
    return await runStep(wanted, output);
  } finally {
    closeSync(output);
    rmSync(file);
  }
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
  return conclude(await runSteps(selected));
});
