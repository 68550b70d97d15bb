import { VirtualClock } from '@parley/sim';
import { expect, it } from 'vitest';
import type { Channel } from './directory.ts';
import { Giving, type GivingDeps } from './giving.ts';
import { History } from './history.ts';

it('of what is deleted so many numbers are looked at, however often they are wished for', async () => {
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
  const deps = {
    ports: { clock: new VirtualClock(), store },
    history: new History(store as never, 'self'),
    visible: { since: () => 0 },
    contents: { give: () => [] },
  };
  const giving = new Giving(deps as unknown as GivingDeps);
  const want = Array.from({ length: 200 }, () => ({ node_id: 'a', from: 1, to: 200 }));
  const about = { node_id: 'stranger', msg_id: 'm', recipient_id: 'self', channel_id: 'c', want };
  expect(await giving.answer({ id: 'c' } as Channel, 'stranger', about, false)).toBeUndefined();
  expect(looked).toBeGreaterThan(0);
  expect(looked).toBeLessThan(5000);
});
