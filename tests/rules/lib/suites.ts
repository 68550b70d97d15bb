/** A glob with `**`, `*` and `{a,b}` as a regular expression over whole paths. */
export function globPattern(glob: string): RegExp {
  const source = glob.replace(/\*\*\/|\*|\{[^}]*\}|[.+^$()|[\]\\]/g, (part) => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '*') return '[^/]*';
    if (part.startsWith('{')) return `(?:${part.slice(1, -1).split(',').join('|')})`;
    return `\\${part}`;
  });
  return new RegExp(`^${source}$`);
}

/** A test file that no suite runs, or that two run. */
export function strayTests(paths: readonly string[], suites: readonly { name: string; include: readonly string[] }[]): string[] {
  return paths.flatMap((path) => {
    const running = suites.filter(({ include }) => include.some((glob) => globPattern(glob).test(path))).map(({ name }) => name);
    if (running.length === 1) return [];
    return [`${path}: ${running.length === 0 ? 'no suite runs it' : `suites ${running.join(' and ')} both run it`}`];
  });
}
