import { type HistogramSnapshot, LATENCY_BUCKETS, type Metrics, type MetricsSnapshot } from '@parley/core';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { COUNTERS, type CounterEntry, GAUGES, type GaugeEntry, HISTOGRAMS, INFO, INFO_LABELS } from './catalogue.ts';

export interface About {
  readonly version: string;
  readonly nodeType: string;
}

/** The metrics of a node for Prometheus. */
export interface Exposition {
  readonly contentType: string;
  text(): Promise<string>;
}

type Labels = Record<string, string>;

/** What the catalogue does not name yet is told all the same. */
const unnamed = (core: string, suffix: string): CounterEntry => ({
  name: `parley_${core}${suffix}`,
  help: 'Not described yet.',
  label: 'label',
});

function labelsOf(entry: CounterEntry, value: string): Labels {
  return { ...(entry.label === undefined ? {} : { [entry.label]: value }), ...entry.fixed };
}

function labelNames({ label, fixed }: CounterEntry): string[] {
  return [...(label === undefined ? [] : [label]), ...Object.keys(fixed ?? {})];
}

function addCounters(registry: Registry, snapshot: MetricsSnapshot): void {
  const made = new Map<string, Counter>();
  const counterOf = (entry: CounterEntry): Counter => {
    const { name, help } = entry;
    const counter = made.get(name) ?? new Counter({ name, help, labelNames: labelNames(entry), registers: [registry] });
    made.set(name, counter);
    return counter;
  };
  // Named ones are there from the beginning, so that an alert on them is no error.
  for (const entry of Object.values(COUNTERS)) counterOf(entry);
  for (const [core, values] of snapshot.counters) {
    const entry = COUNTERS[core] ?? unnamed(core, '_total');
    const counter = counterOf(entry);
    for (const [label, value] of values) counter.inc(labelsOf(entry, label), value);
  }
}

function addGauges(registry: Registry, snapshot: MetricsSnapshot): void {
  for (const [core, values] of snapshot.gauges) {
    const entry: GaugeEntry = GAUGES[core] ?? unnamed(core, '');
    const { name, help, label } = entry;
    const gauge = new Gauge({ name, help, labelNames: label === undefined ? [] : [label], registers: [registry] });
    for (const [value, number] of values) gauge.set(label === undefined ? {} : { [label]: value }, number);
  }
}

/** In the text format of Prometheus: prom-client's own histogram takes observations, not counts. */
function histogramText({ name, help }: GaugeEntry, { counts, sum, count }: HistogramSnapshot): string {
  let below = 0;
  const buckets = LATENCY_BUCKETS.map((ms, index) => {
    below += counts[index] ?? 0;
    return `${name}_bucket{le="${ms / 1000}"} ${below}`;
  });
  const rest = [`${name}_bucket{le="+Inf"} ${count}`, `${name}_sum ${sum / 1000}`, `${name}_count ${count}`];
  return [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`, ...buckets, ...rest].join('\n');
}

const EMPTY: HistogramSnapshot = { counts: [], sum: 0, count: 0 };

function histograms({ histograms: kept }: MetricsSnapshot): string {
  const entries = new Map(Object.entries(HISTOGRAMS));
  for (const core of kept.keys()) if (!entries.has(core)) entries.set(core, unnamed(core.replace(/_ms$/, ''), '_seconds'));
  return [...entries].map(([core, entry]) => `${histogramText(entry, kept.get(core) ?? EMPTY)}\n`).join('\n');
}

/** Tells what `metrics` counts, and of the process itself, whenever it is asked (DESIGN section 12). */
export function createExposition(metrics: Metrics, about: About): Exposition {
  const ofProcess = new Registry();
  collectDefaultMetrics({ register: ofProcess });
  const info = new Gauge({ ...INFO, labelNames: [...INFO_LABELS], registers: [ofProcess] });
  info.set({ version: about.version, node_type: about.nodeType }, 1);
  return {
    contentType: ofProcess.contentType,
    async text() {
      const snapshot = metrics.snapshot();
      const ofNode = new Registry();
      addCounters(ofNode, snapshot);
      addGauges(ofNode, snapshot);
      return [await ofNode.metrics(), histograms(snapshot), await ofProcess.metrics()].join('\n');
    },
  };
}
