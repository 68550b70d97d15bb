/**
 * `npm run docs`: writes the generated documents. `--check` writes nothing and fails where what is committed differs.
 * To add one: a row in GENERATORS. Projects are compiled before, so a generator may import from `dist`.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt, ensureDependencies, exitWith, Stop } from './lib/prepare.mjs';
import { ROOT } from './lib/root.mjs';

/**
 * @typedef {{ file: string, generate: () => string | Promise<string> }} Generator
 * @type {readonly Generator[]}
 */
const GENERATORS = [
  { file: 'docs/adr/README.md', generate: decisionIndex },
  { file: 'docs/api.json', generate: localApi },
  { file: 'docs/metrics.md', generate: metrics },
  { file: 'docs/protocol/verbs.md', generate: async () => (await import('./docs/verbs.mjs')).verbsDocument() },
  { file: 'docs/protocol/vectors.json', generate: async () => (await import('./docs/vectors.mjs')).vectorsDocument() },
];

/** The list of architecture decision records, from their headings. */
function decisionIndex() {
  const folder = join(ROOT, 'docs/adr');
  const records = readdirSync(folder).filter((name) => /^\d{4}-.*\.md$/.test(name));
  const lines = records.sort().map((name) => {
    const heading = readFileSync(join(folder, name), 'utf8').match(/^# (.+)$/m)?.[1];
    if (!heading) throw new Stop(`docs/adr/${name} has no heading.`);
    return `- [${heading}](${name})`;
  });
  return [
    '# Architecture decision records',
    '',
    'One decision each: what was to be decided, what was decided, what follows from it. A record is not rewritten when a',
    'decision changes; a later record says so, and the old one names it.',
    '',
    ...lines,
    '',
  ].join('\n');
}

/** The local API of a node as OpenAPI 3.1. */
async function localApi() {
  const { describeApi } = await import('../packages/host/dist/index.js');
  return `${JSON.stringify(await describeApi(), undefined, 2)}\n`;
}

/** What `/metrics` tells. */
async function metrics() {
  const { describeMetrics } = await import('../packages/host/dist/index.js');
  return describeMetrics();
}

/** @param {string} path */
function readIfPresent(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return undefined;
    throw error;
  }
}

await exitWith(async () => {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  await ensureDependencies();
  await ensureBuilt();
  const stale = [];
  for (const { file, generate } of GENERATORS) {
    const path = join(ROOT, file);
    const text = await generate();
    if (readIfPresent(path) === text) continue;
    stale.push(file);
    if (values.check) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    console.log(`wrote ${file}`);
  }
  if (values.check && stale.length > 0) throw new Stop(`Out of date: ${stale.join(', ')}. Run: npm run docs`);
  if (stale.length === 0) console.log(`${GENERATORS.length} generated documents are up to date`);
});
