import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './root.mjs';

/** The tools of the workshop, by the file that Node.js runs: no shell and no `npx`, so that nothing is ever looked up elsewhere. */
export const TOOLS = {
  tsc: 'node_modules/typescript/bin/tsc',
  biome: 'node_modules/@biomejs/biome/bin/biome',
  knip: 'node_modules/knip/bin/knip.js',
  vite: 'node_modules/vite/bin/vite.js',
  vitest: 'node_modules/vitest/vitest.mjs',
};

/** @param {NodeJS.Signals | null} signal */
const signalCode = (signal) => 128 + (signal ? constants.signals[signal] : 0);

/**
 * Runs a program to its end. Standard input is closed: nothing here may ever ask a question.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ stdout?: 'inherit' | 'stderr' | 'ignore', output?: number, env?: NodeJS.ProcessEnv }} [options] `stderr` keeps standard output free for
 *   results; `output`: an open file that takes all that is printed
 * @returns {Promise<number>} the exit code; 128 plus its number when a signal ended the program
 */
export function run(command, args, options = {}) {
  const stdout = options.output ?? (options.stdout === 'stderr' ? 2 : (options.stdout ?? 'inherit'));
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      stdio: ['ignore', stdout, options.output ?? 'inherit'],
      env: options.env ?? process.env,
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? signalCode(signal)));
  });
}

/**
 * Runs one of the tools above.
 *
 * @param {keyof typeof TOOLS} tool
 * @param {readonly string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export function runTool(tool, args, options) {
  return run(process.execPath, [join(ROOT, TOOLS[tool]), ...args], options);
}

/**
 * Runs a compiled program of this repository in the foreground: terminal, arguments and signals are its own.
 *
 * @param {string} file relative to the root
 * @param {readonly string[]} args
 * @param {readonly string[]} [nodeArgs] for Node.js itself
 * @returns {Promise<number>}
 */
export function runProgram(file, args, nodeArgs = []) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...nodeArgs, join(ROOT, file), ...args], { cwd: ROOT, stdio: 'inherit' });
    // A terminal sends Ctrl-C to the whole group: waiting is all there is to do. A signal to us alone is passed on.
    process.on('SIGINT', () => {});
    process.on('SIGTERM', () => child.kill('SIGTERM'));
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? signalCode(signal)));
  });
}
