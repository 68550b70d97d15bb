import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** What a browser may have to load before the app can be used, in bytes after gzip. */
export const FIRST_LOAD_LIMIT = 300_000;

/**
 * The files of a built web app that the first page asks for, with their sizes after gzip. What is imported later is not among them.
 *
 * @param {string} dist folder of the build
 * @returns {{ file: string, bytes: number }[]}
 */
export function firstLoad(dist) {
  /** @type {Record<string, { file: string, isEntry?: boolean, imports?: string[], css?: string[] }>} */
  const chunks = JSON.parse(readFileSync(join(dist, 'assets/manifest.json'), 'utf8'));
  const files = new Set(['index.html', 'first.js']);
  /** @param {string} name */
  const add = (name) => {
    const chunk = chunks[name];
    if (!chunk || files.has(chunk.file)) return;
    files.add(chunk.file);
    for (const style of chunk.css ?? []) files.add(style);
    for (const imported of chunk.imports ?? []) add(imported);
  };
  for (const [name, { isEntry }] of Object.entries(chunks)) if (isEntry) add(name);
  // What stands behind the gate: loaded while a newcomer types a name.
  add('src/app/Main.tsx');
  // The script in which the node runs: no chunk of the page, and asked for as soon as the page is there.
  for (const name of readdirSync(join(dist, 'assets'))) if (/^node\.worker-.*\.js$/.test(name)) files.add(`assets/${name}`);
  return [...files].map((file) => ({ file, bytes: gzipSync(readFileSync(join(dist, file)), { level: 9 }).length }));
}
