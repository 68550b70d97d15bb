import { readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './root.mjs';
import { Stop } from './stop.mjs';

/**
 * The command in few files: a node is made of 500 modules, and to find and open each takes longer than to start what is in them (ADR 0035).
 * As deep below its package as `src/commands` is, so that what is beside the sources is found from here too.
 */
const OUT = join(ROOT, 'packages/cli/dist/bundle');
const NOTE = join(OUT, '.built');

/** What has a native part finds it beside its own files; Ink and React come with the terminal chat alone. */
const LEFT_OUT = [/^libsql/, /^sodium-native/, /^pino/, /^ink/, /^react/];

const KEEP_MS = 7 * 24 * 3600_000;

/** When it was made, in milliseconds since 1970; undefined before. */
export function bundledAt() {
  return statSync(NOTE, { throwIfNoEntry: false })?.mtimeMs;
}

/**
 * Puts the compiled command together. Errors: `Stop`.
 *
 * @param {Date} begun when what it is made of was read
 */
export async function bundle(begun) {
  const { build } = await import('rolldown');
  try {
    await build({
      // Programs that run nodes by themselves, as tests do, start as fast. A thread of a node is looked for beside what starts it.
      input: {
        main: join(ROOT, 'packages/cli/dist/main.js'),
        host: join(ROOT, 'packages/host/dist/index.js'),
        thread: join(ROOT, 'packages/host/dist/verify/thread.js'),
      },
      platform: 'node',
      external: LEFT_OUT,
      logLevel: 'warn',
      output: { dir: OUT, format: 'esm', chunkFileNames: '[name]-[hash].js', sourcemap: true },
    });
  } catch (error) {
    throw new Stop(`The command could not be put together: ${/** @type {Error} */ (error).message}`);
  }
  // Chunks of builds before stay a while: a node that runs since then may still ask for one.
  for (const file of readdirSync(OUT).map((name) => join(OUT, name))) {
    if (statSync(file).mtimeMs < begun.getTime() - KEEP_MS) rmSync(file);
  }
  writeFileSync(NOTE, '');
  utimesSync(NOTE, begun, begun);
}
