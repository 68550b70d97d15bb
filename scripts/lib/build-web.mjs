import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { newest } from './build.mjs';
import { withLock } from './lock.mjs';
import { ROOT } from './root.mjs';
import { Stop } from './stop.mjs';
import { runTool } from './tools.mjs';

const APP = join(ROOT, 'packages/web');
const DIST = join(APP, 'dist');
const NOTE = join(DIST, '.built');
/** What goes into the app: its own files, and the sources of the packages that it is made of. */
const FOLDERS = ['src', 'public', 'worker', '../browser/src', '../core/src'].map((folder) => join(APP, folder));
const FILES = ['index.html', 'vite.config.ts', 'package.json', '../../package-lock.json', '../../tsconfig.base.json'].map((file) =>
  join(APP, file),
);
/** Compressed once, here, as well as it goes: servers have no time for that. */
const COMPRESSIBLE = new Set(['.css', '.html', '.js', '.json', '.svg', '.txt', '.wasm', '.webmanifest']);
const LEAST_BYTES = 512;

/** Builds the web app when a source is newer than it. Cheap when nothing changed. */
export async function ensureWebBuilt() {
  if (!isStale()) return;
  await withLock('build-web', async () => {
    if (!isStale()) return;
    console.error('Building the web app ...');
    const begun = new Date();
    const code = await runTool('vite', ['build', APP, '--config', join(APP, 'vite.config.ts'), '--logLevel', 'warn'], { stdout: 'stderr' });
    if (code !== 0) throw new Stop('The web app could not be built: the errors are above.');
    await Promise.all(readdirSync(DIST, { recursive: true, encoding: 'utf8' }).map((file) => compress(join(DIST, file))));
    writeFileSync(NOTE, '');
    // What was saved meanwhile is newer than this, and stale next time.
    utimesSync(NOTE, begun, begun);
  });
}

function isStale() {
  const built = statSync(NOTE, { throwIfNoEntry: false })?.mtimeMs;
  if (built === undefined || !existsSync(join(DIST, 'index.html'))) return true;
  return FILES.some((file) => statSync(file).mtimeMs > built) || FOLDERS.some((folder) => existsSync(folder) && newest(folder) > built);
}

/** @param {string} file */
async function compress(file) {
  if (!COMPRESSIBLE.has(extname(file)) || statSync(file).size < LEAST_BYTES) return;
  const bytes = readFileSync(file);
  const brotli = await promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
  writeFileSync(`${file}.br`, brotli);
  writeFileSync(`${file}.gz`, await promisify(gzip)(bytes, { level: 9 }));
}
