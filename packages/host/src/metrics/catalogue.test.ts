import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Metrics } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { COUNTERS, GAUGES, HISTOGRAMS } from './catalogue.ts';
import { describeMetrics } from './document.ts';
import { createExposition } from './exposition.ts';

const CORE = join(import.meta.dirname, '../../../core/src');

/** Names that the source of the core counts under, by what it calls. */
function counted(method: 'count' | 'gauge' | 'observe'): string[] {
  const files = readdirSync(CORE, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.ts') && !path.endsWith('.test.ts'),
  );
  // Counters may be held.
  const pattern = new RegExp(`metrics\\.${method === 'count' ? 'count(?:er)?' : method}\\('([a-z_]+)'`, 'g');
  const names = files.flatMap((path) => [...readFileSync(join(CORE, path), 'utf8').matchAll(pattern)].map((match) => match[1] ?? ''));
  // What `Metrics.reject` counts under.
  if (method === 'count') names.push('rejections');
  return [...new Set(names)].sort();
}

describe('the catalogue of metrics', () => {
  it.each([
    ['count', COUNTERS],
    ['gauge', GAUGES],
    ['observe', HISTOGRAMS],
  ] as const)('has what the core %ss, and nothing else', (method, entries) => {
    expect(counted(method).length).toBeGreaterThan(0);
    expect(Object.keys(entries).sort()).toEqual(counted(method));
  });

  it('is told whole, in the document and at /metrics', async () => {
    const text = await createExposition(new Metrics(), { version: 'v', nodeType: 'server' }).text();
    for (const { name } of Object.values({ ...COUNTERS, ...HISTOGRAMS })) {
      expect(text).toContain(`# TYPE ${name} `);
      expect(describeMetrics()).toContain(`| \`${name}\` |`);
    }
    for (const { name } of Object.values(GAUGES)) expect(describeMetrics()).toContain(`| \`${name}\` |`);
  });
});

describe('the exposition', () => {
  const lines = async (metrics: Metrics): Promise<string[]> =>
    (await createExposition(metrics, { version: 'v', nodeType: 'client' }).text()).split('\n').filter((line) => line.startsWith('parley_'));

  it('tells counters by their label, and several as one', async () => {
    const metrics = new Metrics();
    metrics.reject('bad "reason"\\');
    metrics.count('sent', 'MESSAGE', 2);
    metrics.count('received', 'MESSAGE');
    metrics.count('links_closed', '', 3);
    expect(await lines(metrics)).toEqual(
      expect.arrayContaining([
        'parley_rejections_total{reason="bad \\"reason\\"\\\\"} 1',
        'parley_messages_total{verb="MESSAGE",outcome="sent"} 2',
        'parley_messages_total{verb="MESSAGE",outcome="received"} 1',
        'parley_links_closed_total 3',
      ]),
    );
  });

  it('tells times in seconds, as buckets that hold those below', async () => {
    const metrics = new Metrics();
    for (const ms of [0.4, 1.5, 1.5, 60_000]) metrics.observe('ack_ms', ms);
    expect(await lines(metrics)).toEqual(
      expect.arrayContaining([
        'parley_ack_seconds_bucket{le="0.0005"} 1',
        'parley_ack_seconds_bucket{le="0.001"} 1',
        'parley_ack_seconds_bucket{le="0.002"} 3',
        'parley_ack_seconds_bucket{le="30"} 3',
        'parley_ack_seconds_bucket{le="+Inf"} 4',
        'parley_ack_seconds_sum 60.0034',
        'parley_ack_seconds_count 4',
        'parley_delivery_seconds_count 0',
      ]),
    );
  });

  it('tells what nobody described', async () => {
    const metrics = new Metrics();
    metrics.count('brand_new', 'here', 5);
    metrics.gauge(
      'depth',
      () =>
        new Map([
          ['left', 1],
          ['right', 2],
        ]),
    );
    metrics.observe('walk_ms', 1);
    expect(await lines(metrics)).toEqual(
      expect.arrayContaining([
        'parley_brand_new_total{label="here"} 5',
        'parley_depth{label="left"} 1',
        'parley_depth{label="right"} 2',
        'parley_walk_seconds_count 1',
      ]),
    );
  });
});
