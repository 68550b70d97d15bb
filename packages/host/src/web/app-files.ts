import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

/** One form of a file: as it is, or compressed. */
export interface AppVariant {
  readonly encoding: 'br' | 'gzip' | undefined;
  readonly body: Buffer;
  /** With its quotes. */
  readonly etag: string;
}

export interface AppFile {
  readonly type: string;
  /** Its name changes with what is in it: it may be kept for ever. */
  readonly immutable: boolean;
  /** The best first; the last is not compressed. */
  readonly variants: readonly AppVariant[];
}

/** By path in a URL: `/assets/index-….js`. */
export type AppFiles = ReadonlyMap<string, AppFile>;

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};
const COMPRESSED = { '.br': 'br', '.gz': 'gzip' } as const;
/** As the bundler names what it cuts into pieces. */
const HASHED = /^\/assets\/.*-[A-Za-z0-9_-]{8}\.[a-z0-9]+$/;

function etagOf(body: Buffer): string {
  return `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
}

async function variantOf(path: string, encoding: AppVariant['encoding']): Promise<AppVariant> {
  const body = await readFile(path);
  return { encoding, body, etag: etagOf(body) };
}

/**
 * The built web app, read whole: some megabytes at most. So a request is looked up among names that are there, never on the disk, and
 * whoever builds anew while the server runs does not mix two versions. Empty when it has not been built. Errors: those of the disk.
 */
export async function readAppFiles(directory: string): Promise<AppFiles> {
  const files = new Map<string, AppFile>();
  for (const path of await filesIn(directory)) {
    const type = TYPES[extname(path)];
    if (type === undefined) continue;
    const name = path.slice(directory.length).replaceAll('\\', '/');
    const variants: AppVariant[] = [];
    for (const [suffix, encoding] of Object.entries(COMPRESSED)) {
      const variant = await variantOf(path + suffix, encoding).catch(() => undefined);
      if (variant) variants.push(variant);
    }
    variants.push(await variantOf(path, undefined));
    files.set(name, { type, immutable: HASHED.test(name), variants });
  }
  const index = files.get('/index.html');
  if (!index) return new Map();
  return files.set('/', index);
}

async function filesIn(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if (Reflect.get(Object(error), 'code') === 'ENOENT') return [];
    throw error;
  }
}

/** The best form that `Accept-Encoding` allows. */
export function chooseVariant({ variants }: AppFile, accepted: string | undefined): AppVariant | undefined {
  const weights = new Map<string, boolean>();
  for (const part of (accepted ?? '').toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((one) => one.trim());
    weights.set(name, !parameters.some((one) => /^q=0(\.0*)?$/.test(one)));
  }
  const allows = (encoding: string): boolean => weights.get(encoding) ?? weights.get('*') ?? false;
  return variants.find(({ encoding }) => encoding === undefined || allows(encoding));
}

/** Whether `If-None-Match` names this form (RFC 9110 section 13.1.2). */
export function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag);
}
