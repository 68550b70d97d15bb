import { MemoryDrive, VirtualClock } from '@parley/sim';
import { describe, expect, it } from 'vitest';
import type { Ports } from '../../ports/index.ts';
import { Deliveries, deliveryTables } from './deliveries.ts';

const RECIPIENT = 'r';
const options = { receipts: true, marks: false };

describe('marks beside own messages', () => {
  it('say anew why a message stands where it stands, and nothing that changes nothing', async () => {
    const clock = new VirtualClock();
    const told: unknown[] = [];
    const deliveries = new Deliveries({
      ports: { store: new MemoryDrive().open(deliveryTables), clock } as unknown as Ports,
      owners: { isOwn: () => false, personNow: (nodeId: string) => nodeId },
      marks: () => true,
      underWay: () => undefined,
      news: (_, { recipients }) => told.push(recipients[RECIPIENT]),
    });
    deliveries.begin('m', [RECIPIENT], options);
    const news = [
      { state: 'waiting', reason: 'no ack' },
      { state: 'waiting', reason: 'no ack' },
      { state: 'sent', by: 's' },
      { state: 'waiting', reason: 'no path' },
      { state: 'sent', by: 's', reason: 'no receipt' },
      { state: 'delivered', by: RECIPIENT },
      { state: 'sent', by: 's' },
    ] as const;
    for (const delivery of news) {
      deliveries.apply({ msgId: 'm', recipient: RECIPIENT, ...delivery });
      await clock.advance(1);
    }
    expect(told).toEqual([news[0], news[2], news[4], news[5]]);
    await deliveries.close();
  });

  it('are all kept, however many messages were sent since the last were written', async () => {
    const store = new MemoryDrive().open(deliveryTables);
    const clock = new VirtualClock();
    const owners = { isOwn: () => false, personNow: (nodeId: string) => nodeId };
    const make = (): Deliveries =>
      new Deliveries({ ports: { store, clock } as unknown as Ports, owners, marks: () => true, underWay: () => undefined, news: () => {} });
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
