import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { isTest, type Rule, type SourceFile } from './repository.ts';
import { imports, place } from './syntax.ts';

/** Lower layers of core first (docs/design.md, section 2). Those in one row may import each other. */
const LAYERS: readonly (readonly string[])[] = [
  ['ports', 'util'],
  ['identity'],
  ['wire'],
  ['link'],
  ['overlay'],
  ['features'],
  [
    'node',
    'node-config',
    'node-circuits',
    'node-conversations',
    'node-devices',
    'node-links',
    'node-names',
    'node-shared',
    'catalogue',
    'succession',
  ],
  ['api'],
];

/** Which packages of the project a package may import. Folders from the root; those not named here may import all. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'packages/core': [],
  'packages/sim': ['@parley/core'],
  'packages/host': ['@parley/core'],
  'packages/browser': ['@parley/core'],
  'packages/cli': ['@parley/core', '@parley/host'],
  'packages/web': ['@parley/core', '@parley/browser'],
};

/** Small ways into a package beside its main one, for those who must start quickly or run by themselves. */
const DOORS: readonly string[] = ['@parley/core/errors', '@parley/core/export', '@parley/browser/worker', '@parley/host/client'];

const CORE = 'packages/core/src/';

interface Position {
  readonly layer: number;
  readonly feature: string | undefined;
}

/** Where in core a file stands; undefined for `index.ts` (the way in from outside) and declarations. */
function position(path: string): Position | undefined {
  const parts = path.slice(CORE.length).split('/');
  if (parts.length === 1 && (parts[0] === 'index.ts' || parts[0]?.endsWith('.d.ts'))) return undefined;
  const name = parts[0]?.replace(/\.ts$/, '') ?? '';
  const layer = LAYERS.findIndex((names) => names.includes(name));
  return { layer, feature: name === 'features' ? parts[1] : undefined };
}

/** Inside core a file imports from its own layer and those below, and a feature never from another feature. */
export const layersOfCore: Rule = (file) => {
  if (!file.path.startsWith(CORE) || isTest(file.path)) return [];
  const from = position(file.path);
  if (!from) return [];
  if (from.layer === -1) return [`${file.path}: no such layer in core: ${LAYERS.flat().join(', ')}`];
  return imports(file).flatMap(({ specifier, start }) => {
    if (!specifier.startsWith('.')) return [];
    const target = posix.join(posix.dirname(file.path), specifier);
    if (!target.startsWith(CORE)) return [];
    const to = position(target);
    if (!to || to.layer > from.layer) return [`${place(file, start)}: imports ${specifier}, which is above it`];
    if (from.feature !== undefined && to.feature !== undefined && to.feature !== from.feature) {
      return [`${place(file, start)}: feature ${from.feature} imports feature ${to.feature}`];
    }
    return [];
  });
};

/** Packages import each other by name, downwards alone; core imports nothing of Node.js. */
export const packageDirections: Rule = (file) => {
  if (isTest(file.path)) return [];
  const folder = file.path.split('/').slice(0, 2).join('/');
  const allowed = PACKAGES[folder];
  if (!allowed) return file.path.startsWith('packages/') ? [`${file.path}: ${folder} has no row in tests/rules/lib/directions.ts`] : [];
  return imports(file).flatMap(({ specifier, start }) => {
    const wrong = wrongImport(file, folder, allowed, specifier);
    return wrong === undefined ? [] : [`${place(file, start)}: ${wrong}`];
  });
};

function wrongImport(file: SourceFile, folder: string, allowed: readonly string[], specifier: string): string | undefined {
  if (specifier.startsWith('.')) {
    const inside = posix.join(posix.dirname(file.path), specifier).startsWith(`${folder}/`);
    return inside ? undefined : `imports ${specifier}, which is outside its package`;
  }
  if (folder === 'packages/core' && isBuiltin(specifier)) return `imports ${specifier} of Node.js`;
  if (specifier.startsWith('@parley/')) {
    if (specifier.split('/').length > 2 && !DOORS.includes(specifier)) return `imports ${specifier} past the package's exports`;
    if (!allowed.includes(specifier.split('/').slice(0, 2).join('/'))) return `imports ${specifier}, which is above it or beside it`;
  }
  return undefined;
}
