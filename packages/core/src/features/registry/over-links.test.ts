import { VirtualClock } from '@parley/sim';
import { expect, it } from 'vitest';
import type { Ports } from '../../ports/index.ts';
import { Metrics } from '../../util/metrics.ts';
import { registryDefaults } from './config.ts';
import { OverLinks, type OverLinksDeps } from './over-links.ts';

it('neighbours do not take all lookups that a node may have under way', async () => {
  const handlers = new Map<string, (arrival: unknown) => unknown>();
  const metrics = new Metrics();
  const answered: unknown[] = [];
  const deps = {
    ports: { clock: new VirtualClock() } as unknown as Ports,
    self: 'self',
    isServer: true,
    metrics,
    overlay: { handle: (verb: { name: string }, handler: (arrival: unknown) => unknown) => handlers.set(verb.name, handler) },
    search: () => new Promise(() => {}),
  };
  new OverLinks(deps as unknown as OverLinksDeps, registryDefaults);
  const from = { say: (_: unknown, data: { find_id: number }) => answered.push(data.find_id) };
  for (let id = 0; id < 100; id++) handlers.get('FIND')?.({ data: { find_id: id, target: `${id}` }, from });
  await Promise.resolve();
  // Those beyond the limit are told at once.
  const taken = 100 - answered.length;
  expect(taken).toBeGreaterThan(registryDefaults.maxLookups / 2);
  expect(taken).toBeLessThan(registryDefaults.maxLookups);
});
