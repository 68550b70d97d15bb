import type { Rule } from './repository.ts';

interface Pattern {
  readonly pattern: RegExp;
  readonly wrong: string;
}

// The letters in brackets keep these patterns from matching themselves: this file is checked like every other.
const MACHINES: readonly Pattern[] = [
  { pattern: /(?<![\w.-])\/(?:[w]ork|[r]oot|home\/\w+|[U]sers\/\w+)\//, wrong: 'an absolute path of a machine' },
  { pattern: /[A-Za-z]:\\{1,2}[U]sers\\/, wrong: 'an absolute path of a machine' },
  {
    pattern: /registry\.[n]pmjs|registry\.[y]arnpkg|https?:\/\/[^\s/"']*(?:[r]egistry|[a]rtifactory|[v]erdaccio|[n]exus)/i,
    wrong: 'a package registry',
  },
];

const ASSISTANTS = [
  '[C]laude',
  '[A]nthropic',
  '[C]hatGPT',
  '[O]penAI',
  '[C]opilot',
  '[G]emini',
  'language [m]odel',
  '[L]LM',
  '[s]ub-?agent',
  '[c]oding agent',
];
const PROCESS = [
  '[i]ssue #?\\d+',
  'the [b]rief\\b',
  'the [l]ead developer',
  'an[o]ther session',
  'th[e]se sessions',
  'time [b]ox',
  'before-[s]top',
];
const DEVELOPMENT: readonly Pattern[] = [
  { pattern: new RegExp(`\\b(?:${ASSISTANTS.join('|')})s?\\b`, 'i'), wrong: 'words on what writes the code' },
  { pattern: new RegExp(`\\b(?:${PROCESS.join('|')})`, 'i'), wrong: 'words on how the project is being developed' },
];

const RUNNERS = '(?:[n]px|npm +e[x]ec|npm +x|[b]unx|pnpm +d[l]x|yarn +d[l]x)';
const STRANGERS: readonly Pattern[] = [
  {
    // npm would look the name up in its registry, where it belongs to somebody else.
    pattern: new RegExp(`\\b${RUNNERS} +(?!(?:-\\S+ +)*--no(?:-install)?\\b)(?:-\\S+ +)*parley(?![\\w/-])`),
    wrong: 'runs a package of npm that is not ours: use ./parley, or npx with --no-install',
  },
  {
    pattern: /\b(?:npm|pnpm|yarn|bun) +(?:i|install|add) +(?:-\S+ +)*[p]arley(?![\w/-])/,
    wrong: 'installs a package of npm that is not ours',
  },
];

function refuse(patterns: readonly Pattern[]): Rule {
  return ({ path, text }) =>
    text.split('\n').flatMap((line, index) => {
      const found = patterns.filter(({ pattern }) => pattern.test(line));
      return found.map(({ wrong }) => `${path}:${index + 1}: ${wrong}`);
    });
}

/** Nothing that holds on one machine only. */
export const noMachine = refuse(MACHINES);
/** The text is about Parley, for those who use it and those who work on it. */
export const noDevelopment = refuse(DEVELOPMENT);
/** npm's registry has a package called like our command, which is a stranger's. */
export const noStranger = refuse(STRANGERS);

export const LONG_LINES = 300;
export const LIMIT_LINES = 500;

export function lineCount(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

/** No file so long that nobody reads it. */
export const notTooLong: Rule = ({ path, text }) => {
  const lines = lineCount(text);
  return lines > LIMIT_LINES ? [`${path}: ${lines} lines, of ${LIMIT_LINES} at most`] : [];
};
