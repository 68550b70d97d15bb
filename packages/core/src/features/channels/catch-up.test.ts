import { VirtualClock } from '@parley/sim';
import { expect, it } from 'vitest';
import { Metrics } from '../../util/metrics.ts';
import { CatchUp, type CatchUpDeps } from './catch-up.ts';
import { channelDefaults } from './config.ts';
import { History } from './history.ts';

it('a WANT for what is deleted makes a node look at so much, however often it is named', async () => {
  let looked = 0;
  const store = {
    range: async () => {
      looked += 200;
      return Array.from({ length: 200 }, (_, at) => ({ key: `c/a/${at}`, value: `c/00000000000001/a/${at} 10` }));
    },
    get: async () => {
      looked++;
      return '{"m":"","at":0}';
    },
  };
  const handlers = new Map<string, (arrival: unknown) => Promise<unknown>>();
  const handle = (verb: { name: string }, handler: (arrival: unknown) => Promise<unknown>) => handlers.set(verb.name, handler);
  const directory = { get: () => ({ id: 'c', kind: 'public', joined: true }), isMember: () => true };
  const deps = {
    ports: { clock: new VirtualClock(), store },
    metrics: new Metrics(),
    overlay: { handle, sealed: { handle } },
    membership: { directory },
    history: new History(store as never, 'self'),
    sealed: { admits: () => true, of: () => undefined },
  };
  new CatchUp(deps as unknown as CatchUpDeps, channelDefaults);
  const want = Array.from({ length: 200 }, () => ({ node_id: 'a', from: 1, to: 200 }));
  await handlers.get('WANT')?.({ data: { channel_id: 'c', want }, origin: 'stranger' });
  expect(looked).toBeGreaterThan(0);
  expect(looked).toBeLessThan(5000);
});
