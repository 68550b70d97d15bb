import { MemoryDrive, VirtualClock } from '@parley/sim';
import { describe, expect, it } from 'vitest';
import type { Ports } from '../../ports/index.ts';
import { Deliveries, deliveryTables } from './deliveries.ts';

const RECIPIENT = 'r';
const options = { receipts: true, marks: false };

describe('marks beside own messages', () => {
  it('are all kept, however many messages were sent since the last were written', async () => {
    const store = new MemoryDrive().open(deliveryTables);
    const clock = new VirtualClock();
    const owners = { isOwn: () => false, personOf: (nodeId: string) => nodeId };
    const make = (): Deliveries =>
      new Deliveries({ ports: { store, clock } as unknown as Ports, owners, marks: () => true, news: () => {} });
    const deliveries = make();
    const ids = Array.from({ length: 6000 }, (_, index) => `m${index}`);
    for (const msgId of ids) {
      deliveries.begin(msgId, [RECIPIENT, 'away'], options);
      deliveries.apply({ msgId, recipient: RECIPIENT, state: 'delivered' });
    }
    await deliveries.close();
    const again = make();
    for (const msgId of ids) {
      const delivery = await again.of(msgId);
      expect(delivery?.recipients, msgId).toEqual({ [RECIPIENT]: { state: 'delivered' }, away: { state: 'waiting' } });
    }
  });
});
