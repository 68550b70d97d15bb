import { COUNTERS, GAUGES, HISTOGRAMS, INFO, INFO_LABELS } from './catalogue.ts';

interface Row {
  readonly name: string;
  readonly kind: string;
  readonly labels: readonly string[];
  readonly help: string;
}

function rows(): Row[] {
  const counters = Object.values(COUNTERS).map(({ name, help, label, fixed }) => ({
    name,
    kind: 'counter',
    labels: [...(label === undefined ? [] : [label]), ...Object.keys(fixed ?? {})],
    help,
  }));
  const gauges = Object.values(GAUGES).map(({ name, help, label }) => ({
    name,
    kind: 'gauge',
    labels: label === undefined ? [] : [label],
    help,
  }));
  const histograms = Object.values(HISTOGRAMS).map(({ name, help }) => ({ name, kind: 'histogram', labels: [], help }));
  const info = { name: INFO.name, kind: 'gauge', labels: INFO_LABELS, help: INFO.help };
  const all: Row[] = [...counters, ...gauges, ...histograms, info];
  return [...new Map(all.map((row) => [row.name, row])).values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The list of metrics for people, as Markdown. */
export function describeMetrics(): string {
  return [
    '# Metrics',
    '',
    'What `GET /metrics` of a node with `--http` tells, in the text format of Prometheus. On loopback nobody needs a token, but those for whom a proxy asks. There and elsewhere the',
    'request carries `Authorization: Bearer TOKEN`, with the token in `metrics.token` of the data directory (mode 0600, made by the first',
    'start that listens elsewhere, and kept):',
    '',
    '```yaml',
    'scrape_configs:',
    '  - job_name: parley',
    '    authorization: { credentials_file: /etc/prometheus/parley.token }',
    "    static_configs: [{ targets: ['hub.example.org:4718'] }]",
    '```',
    '',
    '| metric | kind | labels | |',
    '|---|---|---|---|',
    ...rows().map(
      ({ name, kind, labels, help }) => `| \`${name}\` | ${kind} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`,
    ),
    '',
    'Beside these there are the usual ones of a Node.js process (`process_*`, `nodejs_*`), by prom-client.',
    '',
    '`GET /healthz` answers 200 while the node works and 503 when it does not, without a token anywhere.',
    '',
  ].join('\n');
}
