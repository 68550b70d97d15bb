import { posix } from 'node:path';
import type { Rule } from './repository.ts';

/** Relative links of a document, outside of code. */
function relativeLinks(text: string): string[] {
  const prose = text.replace(/^(```|~~~)[\s\S]*?^\1/gm, '').replace(/`[^`\n]*`/g, '');
  const targets = [...prose.matchAll(/\]\(<?([^)>\s]+)>?(?:\s+"[^"]*")?\)/g), ...prose.matchAll(/(?:src|href)="([^"]+)"/g)];
  return targets.map((match) => match[1] ?? '').filter((target) => !/^(?:[a-z][a-z+.-]*:|#)/i.test(target));
}

/** Every relative link of a document leads to a file or folder of the project. */
export function linksLead(paths: readonly string[]): Rule {
  const known = new Set(paths.flatMap((path) => [path, ...folders(path)]));
  return ({ path, text }) =>
    relativeLinks(text).flatMap((target) => {
      const file = posix.join(posix.dirname(path), decodeURIComponent(target.split('#')[0] ?? '')).replace(/\/$/, '');
      return known.has(file) ? [] : [`${path}: links to ${target}, which is not there`];
    });
}

function folders(path: string): string[] {
  const folder = posix.dirname(path);
  return folder === '.' ? ['.'] : [folder, ...folders(folder)];
}
