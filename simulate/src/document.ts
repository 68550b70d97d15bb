import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CompactReport } from './compact/experiments.ts';
import { plotSvg, type Series } from './lib/plot.ts';
import { cells, HEADINGS, percent, thousands } from './lib/text.ts';
import type { WholeReport, WholeRow } from './whole/experiments.ts';

/** The same from `src` and from `dist`. */
const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url));
const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const COMMAND = 'npm run simulate -- registry --document';
const SIZES = { compact: [1000, 3000, 10_000, 100_000, 1_000_000], whole: [300, 1000, 3000, 10_000] } as const;
/** Whole servers in trouble are looked at up to here: networks are grown for it anew. */
const MAX_TROUBLE = 1000;
const SEED = '1';
const MAX_OUTPUT = 2 ** 20;

type Report = CompactReport | WholeReport;

function figure(report: CompactReport, what: string): CompactReport['rows'][number] {
  const row = report.rows.find((each) => each.what === what);
  if (!row) throw new RangeError(`no row ${what}`);
  return row;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`;
  return [line(head), `|${head.map((_, i) => (i === 0 ? '---|' : '---:|')).join('')}`, ...rows.map(line)].join('\n');
}

function images(compact: readonly CompactReport[], whole: readonly WholeReport[]): void {
  const bySize = (name: string, value: (report: CompactReport) => number): Series => ({
    name,
    points: compact.map((report) => [report.nodes, value(report)] as const),
  });
  const ofWhole = (value: (report: WholeReport) => number | undefined): Series => ({
    name: 'whole servers',
    points: whole.flatMap((report) => {
      const y = value(report);
      return y === undefined ? [] : [[report.nodes, y] as const];
    }),
  });
  const bySizes = { x: 'servers', logX: true } as const;
  const well = 'all is well';
  const plots = {
    hops: plotSvg({
      ...bySizes,
      title: 'Hops',
      y: 'mean hops',
      maxY: 12,
      series: [
        bySize('greedy', ({ greedyHops }) => greedyHops),
        bySize('iterative', (report) => figure(report, well).meanHops),
        ofWhole(({ meanHops }) => meanHops),
      ],
    }),
    questions: plotSvg({
      ...bySizes,
      title: 'Questions of a lookup',
      y: 'mean',
      maxY: 40,
      series: [
        ...[well, 'churn, 30 minutes', '20 % hostile, drop', '20 % hostile, lie', '50 % hostile, lie'].map((what) =>
          bySize(what, (report) => figure(report, what).meanQuestions),
        ),
        ofWhole(({ meanQuestions }) => meanQuestions),
      ],
    }),
    bytes: plotSvg({
      ...bySizes,
      title: 'Bytes of a lookup, over UDP',
      y: 'mean, kB',
      maxY: 40,
      series: [
        ...[well, 'churn, 30 minutes', '20 % hostile, lie'].map((what) => bySize(what, (report) => figure(report, what).meanBytes / 1000)),
        ofWhole(({ meanBytes }) => meanBytes / 1000),
      ],
    }),
    contacts: plotSvg({
      ...bySizes,
      title: 'Contacts in a table',
      y: 'mean',
      maxY: 400,
      series: [bySize('tables', ({ contacts }) => contacts), ofWhole(({ contacts }) => contacts)],
    }),
    convergence: plotSvg({
      ...bySizes,
      title: 'Until tables are without a fifth that left',
      y: 'minutes',
      maxY: 40,
      series: [bySize('tables', (report) => report.minutesToConverge), ofWhole((report) => report.minutesToConverge)],
    }),
    success: plotSvg({
      title: 'Lookups that find the record',
      x: '% of servers hostile',
      y: '%',
      logX: false,
      maxY: 100,
      series: (['drop', 'lie'] as const).flatMap((way) =>
        compact.slice(-2).map((report) => ({
          name: `${way}, ${report.nodes.toLocaleString('en')}`,
          points: [10, 20, 30, 40, 50].map((share) => [share, 100 * figure(report, `${share} % hostile, ${way}`).success] as const),
        })),
      ),
    }),
  };
  mkdirSync(`${DOCS}images`, { recursive: true });
  for (const [name, svg] of Object.entries(plots)) writeFileSync(`${DOCS}images/scale-${name}.svg`, svg);
}

/** One size in a process of its own, so that time and memory are its own too. */
function run(name: string, mode: 'compact' | 'whole', nodes: number, progress: (line: string) => void): Report {
  progress(name);
  const whole = mode === 'whole' ? ['--whole', ...(nodes <= MAX_TROUBLE ? ['--trouble'] : [])] : [];
  const args = ['registry', '--nodes', String(nodes), '--seed', SEED, '--json', ...whole];
  const output = execFileSync(process.execPath, [...process.execArgv, MAIN, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: MAX_OUTPUT,
  });
  return JSON.parse(output) as Report;
}

/** Runs all sizes, or one of them, and writes docs/scale.md, its figures and its plots. */
export function writeDocument(progress: (line: string) => void, only: string | undefined): void {
  const file = `${DOCS}scale.json`;
  const known = (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}) as Record<string, Report>;
  const names = (['compact', 'whole'] as const).flatMap((mode) => SIZES[mode].map((nodes) => ({ name: `${mode}-${nodes}`, mode, nodes })));
  if (only !== undefined && !names.some(({ name }) => name === only)) {
    throw new RangeError(`--only is one of ${names.map(({ name }) => name).join(', ')}`);
  }
  const reports: Record<string, Report> = {};
  for (const { name, mode, nodes } of names) {
    const before = known[name];
    if (only === undefined || only === name) reports[name] = run(name, mode, nodes, progress);
    else if (before) reports[name] = before;
  }
  writeFileSync(file, `${JSON.stringify(reports, null, 2)}\n`);
  const compact = Object.values(reports).filter((report) => report.mode === 'compact');
  const whole = Object.values(reports).filter((report) => report.mode === 'whole');
  images(compact, whole);
  writeFileSync(`${DOCS}scale.md`, text(compact, whole));
}

function cost({ wallMs, cpuMs, heapBytes }: Report): string[] {
  return [`${(wallMs / 1000).toFixed(0)} s`, `${(cpuMs / 1000).toFixed(0)} s`, `${Math.round(heapBytes / 2 ** 20)} MiB`];
}

function sizeRow(report: CompactReport): string[] {
  const well = figure(report, 'all is well');
  return [
    report.nodes.toLocaleString('en'),
    well.meanHops.toFixed(2),
    report.greedyHops.toFixed(2),
    well.meanQuestions.toFixed(1),
    thousands(well.meanBytes),
    report.contacts.toFixed(0),
    report.minutesToConverge.toFixed(1),
    ...cost(report),
  ];
}

function wholeRow(report: WholeReport): string[] {
  return [
    report.nodes.toLocaleString('en'),
    percent(report.success),
    report.meanPackets.toFixed(1),
    report.records.toFixed(0),
    ...cost(report),
  ];
}

/** Both ways to simulate one size, side by side. */
function agreement(compact: readonly CompactReport[], whole: readonly WholeReport[]): string[][] {
  return whole.flatMap((report) => {
    const tables = compact.find(({ nodes }) => nodes === report.nodes);
    if (!tables) return [];
    const [well, left] = [figure(tables, 'all is well'), figure(tables, '20 % have left at once')];
    const nodes = report.nodes.toLocaleString('en');
    return [
      [
        `${nodes}, whole`,
        report.meanHops.toFixed(2),
        report.meanQuestions.toFixed(1),
        thousands(report.meanBytes),
        report.contacts.toFixed(0),
        percent(report.successAfterLoss),
        report.questionsAfterLoss.toFixed(1),
        report.minutesToConverge?.toFixed(0) ?? '',
      ],
      [
        `${nodes}, tables`,
        well.meanHops.toFixed(2),
        well.meanQuestions.toFixed(1),
        thousands(well.meanBytes),
        tables.contacts.toFixed(0),
        percent(left.success),
        left.meanQuestions.toFixed(1),
        tables.minutesToConverge.toFixed(1),
      ],
    ];
  });
}

const TROUBLE_HEADINGS = ['', 'found', 'hops', 'questions', '95 % within', 'bytes'];

function troubleCells({ what, success, meanHops, meanQuestions, p95Questions, meanBytes }: WholeRow): string[] {
  return [what, percent(success), meanHops.toFixed(2), meanQuestions.toFixed(1), String(p95Questions), thousands(meanBytes)];
}

/** Whole servers in trouble, where that was looked at. */
function inTrouble(whole: readonly WholeReport[]): string {
  return whole
    .flatMap(({ nodes, trouble }) =>
      trouble ? [`### ${nodes.toLocaleString('en')} whole servers\n\n${table(TROUBLE_HEADINGS, trouble.map(troubleCells))}\n\n`] : [],
    )
    .join('');
}

function missing(whole: readonly WholeReport[]): string {
  const sizes = SIZES.whole.filter((size) => !whole.some(({ nodes }) => nodes === size)).map((size) => size.toLocaleString('en'));
  return sizes.length === 0 ? '' : `Not among the figures so far: ${sizes.join(' and ')} whole servers.\n\n`;
}

function text(compact: readonly CompactReport[], whole: readonly WholeReport[]): string {
  const costs = ['time', 'of a processor', 'memory'];
  return `# The registry at scale

Written by \`${COMMAND}\`, from the figures in [scale.json](scale.json); \`--only whole-10000\` runs one size again. Time and memory are of the
machine that wrote it, on which other work ran meanwhile: time of a processor is what a size took by itself. Everything else is the same again with the
same seed (${SEED}).

## Decisions over compact tables

What is simulated here are the decisions of servers: which contacts are nearest (\`closest\`), whom to ask next and when to stop (\`Lookup\`), whom to ask
whether it lives and whom to give up (\`ContactTable\`), by the very functions of \`packages/core/src/features/registry\`, with its defaults. Tables are not
grown by messages: each bucket is a random choice among all servers that belong there, drawn from the sorted ids of all.

${table(['servers', 'hops', 'greedy hops', 'questions', 'bytes', 'contacts', 'minutes to converge', ...costs], compact.map(sizeRow))}

- **Hops**: from the first server asked to the one that has the record. **Greedy hops**: of a message without a route, by one link for each bucket.
- **Questions**: of one lookup, each with one answer. It ends with the first record that is found, as a server's does that looks for a way for a message; *the newest record* asks on until
  the three nearest of each path have answered.
- **Bytes**: of its questions and answers, as \`writeQuestion\` and \`writeAnswer\` make them. Those in the own table are taken to have been spoken to lately;
  to all others a question is as long as the longest answer, 1,200 bytes, and the answer is signed. A record has 300 bytes.
- **Minutes to converge**: after 20 % have left at once, until at most 1 % of the entries of tables are of those who left, by checks of liveness alone.

![Hops by the number of servers](images/scale-hops.svg)

![Questions of a lookup by the number of servers](images/scale-questions.svg)

![Bytes of a lookup by the number of servers](images/scale-bytes.svg)

![Contacts in a table by the number of servers](images/scale-contacts.svg)

![Minutes until tables are without those who left](images/scale-convergence.svg)

## Whole servers

\`npm run simulate -- registry --nodes N --whole\` runs the whole registry of each server: its table, its shelf and its store, and every packet, under virtual
time, with 20 to 40 ms each way. Each server comes by one that came earlier, chosen at random, 50 in a second; records move to those who come nearer to them.
Left out are links and all that goes over them (ROUTING, channels). Ed25519 and X25519 keys are real, and what is done with
them is a hash that stands in for it (\`simulate/src/whole/crypto.ts\`): it is as long and gives the same answers, but costs less. What servers work out of
bytes alone, such as the id of a key, is worked out once for all. Up to ${MAX_TROUBLE.toLocaleString('en')} servers, time and memory are with all that [trouble](#in-trouble) below.

${table(['servers', 'found', 'packets of a lookup', 'records of others', ...costs], whole.map(wholeRow))}

${missing(whole)}### Both, side by side

${table(['servers', 'hops', 'questions', 'bytes', 'contacts', '20 % left: found', '20 % left: questions', 'minutes to converge'], agreement(compact, whole))}

The whole servers had all been heard of minutes before a fifth left, and wait until they were silent for 15 minutes; the entries of the compact tables had
been heard of at some time within that. Above 3,000, whole servers are not watched until their tables have converged: it takes as long as all else together.

## In trouble

- *20 % have left at once*: a fifth of all entries leads nowhere, and a fifth of the servers that had the record is gone.
- *Churn, 30 minutes*: half of the servers of any moment are gone 30 minutes later. An entry was last heard of up to 15 minutes ago, a record was
  given up to an hour ago, and those who came since do not have it. A model of the steady state, not events.
- *Hostile*: such a share of all servers works together. *Drop*: they do not answer. *Lie*: they answer with those of their own that are nearest to the
  target, never with the record, and know all of each other.
- *Placed at the key*: so many hostile servers made themselves keys that are nearer to one target than anybody else. From 20 on they are all that a
  record would be given to, and the lookup finds nothing. *In N networks*: of one /24 or /48 a table takes two entries, and a lookup asks four
  servers, so that five networks are needed where keys alone would do. Over compact tables a record is given by a lookup, as its server does for a client; whole
  servers give their own by their tables, and there it takes ten networks.
- *Whole servers* (\`--whole --trouble\`) meet the same as events: half of the servers go within 30 minutes while as many come, and what is looked for are servers that are there;
  in all other rows what is looked for are servers that have gone, so that only those who keep their records can answer. Hostile ones were honest until they had their places in tables.
- *With attachments*: whoever had a record before asks the four servers that it names. One that is there and honest is enough.

${inTrouble(whole)}${compact.map((report) => `### ${report.nodes.toLocaleString('en')} servers\n\n${table(HEADINGS, report.rows.map(cells))}`).join('\n\n')}

![Lookups that find the record by the share of hostile servers](images/scale-success.svg)
`;
}
