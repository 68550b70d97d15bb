/** As much of a package.json as rules look at. */
export interface Manifest {
  readonly name?: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

export interface LockEntry {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly version?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export type LockEntries = Readonly<Record<string, LockEntry>>;

const PERMISSIVE = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'PSF-2.0',
  'Python-2.0',
  'Unlicense',
  'Zlib',
]);

/** Whether an SPDX expression lets us use the package under a permissive licence. */
export function isPermissive(expression: string): boolean {
  const inner = expression.trim().replace(/^\((.*)\)$/, '$1');
  if (PERMISSIVE.has(inner)) return true;
  const either = inner.split(/\s+OR\s+/);
  if (either.length > 1) return either.some(isPermissive);
  const all = inner.split(/\s+AND\s+/);
  return all.length > 1 && all.every(isPermissive);
}

/** What a user of Parley receives besides Parley: where it lies, from the lock file. */
export function productionPaths(entries: LockEntries): string[] {
  return Object.entries(entries)
    .filter(([path, entry]) => path.includes('node_modules/') && entry.dev !== true && entry.devOptional !== true && entry.link !== true)
    .map(([path]) => path);
}

/** What is wrong with a lock file: an address of some registry, a package without a checksum, a stranger with our name. */
export function lockViolations(entries: LockEntries): string[] {
  return Object.entries(entries).flatMap(([path, entry]) => {
    const wrong: string[] = [];
    if (entry.resolved !== undefined && /^[a-z+]+:\/\//i.test(entry.resolved)) wrong.push(`${path}: has an address`);
    if (path.includes('node_modules/') && entry.link !== true && entry.integrity === undefined) wrong.push(`${path}: has no checksum`);
    for (const name of Object.keys(entry.optionalDependencies ?? {})) {
      // npm leaves these out when its registry lacks them for another platform, and `npm ci` then refuses the whole file.
      if (!isLocked(entries, path, name)) wrong.push(`${path}: its optional dependency ${name} is not locked`);
    }
    if (isOurs(path) && entry.link !== true) wrong.push(`${path}: a package with our name that is not ours`);
    return wrong;
  });
}

/** Whether a dependency of the package at `path` is found there or in a folder above, as Node.js would look for it. */
function isLocked(entries: LockEntries, path: string, name: string): boolean {
  if (`${path}/node_modules/${name}` in entries) return true;
  const above = path.lastIndexOf('/node_modules/');
  return above === -1 ? `node_modules/${name}` in entries : isLocked(entries, path.slice(0, above), name);
}

function isOurs(path: string): boolean {
  const name = path.split('node_modules/').at(-1) ?? '';
  return path.includes('node_modules/') && (name === 'parley' || name.startsWith('@parley/'));
}

/** Dependencies that npm's registry would answer for with a stranger's package. */
export function strangers(manifest: Manifest, ours: ReadonlyMap<string, string>): string[] {
  const wanted = [manifest.dependencies, manifest.devDependencies, manifest.optionalDependencies, manifest.peerDependencies];
  return wanted.flatMap((dependencies) =>
    Object.entries(dependencies ?? {}).flatMap(([name, version]) => {
      if (name === 'parley') return [`${manifest.name}: depends on ${name}, a stranger's package`];
      if (name.startsWith('@parley/') && ours.get(name) !== version)
        return [`${manifest.name}: depends on ${name} ${version}, which is no package here`];
      return [];
    }),
  );
}
