import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT } from '../../../scripts/lib/root.mjs';

/** A file as a rule sees it: its path from the root with `/`, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Says what is wrong with a file, in one line each; nothing when all is well. */
export type Rule = (file: SourceFile) => string[];

export { ROOT };

/** What a checkout without git (an unpacked archive) has besides its own files; with git, `.gitignore` says so. */
const NOT_OURS = new Set(['.git', 'node_modules', 'dist', '.cache', 'coverage', '.parley']);

/** The paths of every file of the project, committed or about to be. */
export function projectPaths(): string[] {
  try {
    // The owner of a checkout may be another user (a container's root): that is no reason to refuse here.
    const args = ['-c', `safe.directory=${ROOT.replace(/\/$/, '')}`, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'];
    const out = execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return out.split('\0').filter((path) => path !== '' && statSync(join(ROOT, path), { throwIfNoEntry: false })?.isFile());
  } catch {
    return walk(ROOT);
  }
}

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : walk(path);
    return entry.isFile() ? [relative(ROOT, path)] : [];
  });
}

/** Each is read once: what rules remember of a file, its syntax above all, they remember by this object. */
const read = new Map<string, SourceFile>();

export function projectFiles(wanted: (path: string) => boolean): SourceFile[] {
  return projectPaths().filter(wanted).map(projectFile);
}

function projectFile(path: string): SourceFile {
  const known = read.get(path) ?? { path, text: readFileSync(join(ROOT, path), 'utf8') };
  read.set(path, known);
  return known;
}

/** What a rule says of every file for which it is meant. */
export function violations(rule: Rule, wanted: (path: string) => boolean): string[] {
  return projectFiles(wanted).flatMap(rule);
}

export const isTypeScript = (path: string): boolean => /\.tsx?$/.test(path);
export const isTest = (path: string): boolean => /\.test\.tsx?$/.test(path);
export const isCode = (path: string): boolean => /\.(tsx?|mjs|js)$/.test(path);
/** Text that people wrote: everything but images and what npm writes. */
export const isText = (path: string): boolean => !/\.(png|jpe?g|gif|webp|ico|woff2?|pdf|zip|gz|bin|der|db)$/.test(path);
