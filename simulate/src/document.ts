import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type CompactReport, simulateCompact } from './compact/experiments.ts';
import { plotSvg, type Series } from './lib/plot.ts';
import { cells, HEADINGS } from './lib/text.ts';

/** The same from `src` and from `dist`. */
const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url));
const COMMAND = 'npm run simulate -- registry --document';
const SIZES = [1000, 10_000, 100_000, 1_000_000];
const LOOKUPS = 2000;
const SEED = '1';

function figure(report: CompactReport, what: string): CompactReport['rows'][number] {
  const row = report.rows.find((each) => each.what === what);
  if (!row) throw new RangeError(`no row ${what}`);
  return row;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`;
  return [line(head), `|${head.map((_, i) => (i === 0 ? '---|' : '---:|')).join('')}`, ...rows.map(line)].join('\n');
}

function images(reports: readonly CompactReport[]): void {
  const bySize = (name: string, value: (report: CompactReport) => number): Series => ({
    name,
    points: reports.map((report) => [report.nodes, value(report)] as const),
  });
  const hops = plotSvg({
    title: 'Hops',
    x: 'servers',
    y: 'mean hops',
    logX: true,
    maxY: 12,
    series: [bySize('greedy', ({ greedyHops }) => greedyHops), bySize('iterative', (report) => figure(report, 'all is well').meanHops)],
  });
  const questions = plotSvg({
    title: 'Questions of a lookup',
    x: 'servers',
    y: 'mean',
    logX: true,
    maxY: 40,
    series: ['all is well', 'churn, 30 minutes', '20 % hostile, drop', '20 % hostile, lie', '50 % hostile, lie'].map((what) =>
      bySize(what, (report) => figure(report, what).meanQuestions),
    ),
  });
  const success = plotSvg({
    title: 'Lookups that find the record',
    x: '% of servers hostile',
    y: '%',
    logX: false,
    maxY: 100,
    series: (['drop', 'lie'] as const).flatMap((way) =>
      reports.slice(-2).map((report) => ({
        name: `${way}, ${report.nodes.toLocaleString('en')}`,
        points: [10, 20, 30, 40, 50].map((share) => [share, 100 * figure(report, `${share} % hostile, ${way}`).success] as const),
      })),
    ),
  });
  mkdirSync(`${DOCS}images`, { recursive: true });
  for (const [name, svg] of Object.entries({ hops, questions, success })) writeFileSync(`${DOCS}images/scale-${name}.svg`, svg);
}

/** Runs all sizes and writes docs/scale.md and its plots. */
export function writeDocument(progress: (line: string) => void): void {
  const reports = SIZES.map((nodes) => {
    progress(`${nodes.toLocaleString('en')} servers ...`);
    return simulateCompact(nodes, SEED, LOOKUPS);
  });
  images(reports);
  const sizes = reports.map(({ nodes, greedyHops, contacts, wallMs, heapBytes, ...report }) => {
    const well = figure({ nodes, greedyHops, contacts, wallMs, heapBytes, ...report }, 'all is well');
    return [
      nodes.toLocaleString('en'),
      well.meanHops.toFixed(2),
      greedyHops.toFixed(2),
      well.meanQuestions.toFixed(1),
      contacts.toFixed(0),
      `${(wallMs / 1000).toFixed(0)} s`,
      `${Math.round(heapBytes / 2 ** 20)} MiB`,
    ];
  });
  const document = `# The registry at scale

Written by \`${COMMAND}\`. Time and memory are of the machine that wrote it, and of all rows of a size together; everything else is the same
again with the same seed (${SEED}).

What is simulated here are the decisions of servers: which contacts are nearest (\`closest\`), whom to ask next and when to stop (\`Lookup\`), by the very
functions of \`packages/core/src/features/registry\`, with its defaults. Tables are not grown by messages: each bucket is a random choice among all
servers that belong there, drawn from the sorted ids of all. \`npm run simulate -- registry --nodes N --whole\` runs whole nodes in place of that.

${table(['servers', 'hops', 'greedy hops', 'questions', 'contacts in a table', 'time', 'memory'], sizes)}

**Hops**: from the first server asked to the one that has the record. **Greedy hops**: of a message without a route, by one link for each bucket.
**Questions**: of one lookup, each with one answer; a packet has at most 1,200 bytes.

![Hops by the number of servers](images/scale-hops.svg)

![Questions of a lookup by the number of servers](images/scale-questions.svg)

## In trouble

- *20 % have left at once*: a fifth of all entries leads nowhere, and a fifth of the servers that had the record is gone.
- *Churn, 30 minutes*: half of the servers of any moment are gone 30 minutes later. An entry was last heard of up to 15 minutes ago, a record was
  given up to an hour ago, and those who came since do not have it.
- *Hostile*: such a share of all servers works together. *Drop*: they do not answer. *Lie*: they answer with those of their own that are nearest to the
  target, never with the record, and know all of each other.
- *Placed at the key*: so many hostile servers made themselves keys that are nearer to one target than anybody else. From 20 on they are all that a
  record would be given to, and the lookup finds nothing; a limit of two table entries for each network, which makes that dear, is not simulated here.
- *With attachments*: whoever had a record before asks the four servers that it names. One that is there and honest is enough.

${reports.map((report) => `### ${report.nodes.toLocaleString('en')} servers\n\n${table(HEADINGS, report.rows.map(cells))}`).join('\n\n')}

![Lookups that find the record by the share of hostile servers](images/scale-success.svg)
`;
  writeFileSync(`${DOCS}scale.md`, document);
}
