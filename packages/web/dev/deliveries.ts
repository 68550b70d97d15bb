import type { DeliveryView, Person } from '@parley/core';

type Recipient = DeliveryView['recipients'][number];
type Names = 'anna' | 'ben' | 'leo' | 'long' | 'stranger';
export type MadeDelivery = 'delivered' | 'failed' | 'stored' | 'unconfirmed' | 'unanswered';

/** Own messages that stand somewhere else each. */
export function madeDeliveries(
  people: Readonly<Record<Names, Person>>,
  server: Person,
  tablet: Person,
): Record<MadeDelivery, DeliveryView> {
  const to = (name: Names, state: Recipient['state'], more: Partial<Recipient> = {}): Recipient => {
    const { node_id, display } = people[name];
    return { node_id, display, state, ...more };
  };
  const by = server.node_id;
  return {
    delivered: {
      state: 'delivered',
      recipients: [to('anna', 'delivered'), { ...tablet, state: 'stored', by }, to('ben', 'delivered'), to('leo', 'delivered')],
    },
    failed: {
      state: 'failed',
      recipients: [to('anna', 'delivered'), to('long', 'expired', { reason: 'nobody took it within its time' })],
    },
    stored: { state: 'stored', recipients: [to('anna', 'delivered'), to('stranger', 'stored', { by })] },
    unconfirmed: { state: 'sent', recipients: [to('anna', 'sent', { by, reason: 'no receipt' }), to('long', 'delivered')] },
    unanswered: { state: 'sending', recipients: [to('anna', 'waiting', { reason: 'no ack' })] },
  };
}
