import type { DeliveryView, MemberView } from '@parley/host';
import { describe, expect, it } from 'vitest';
import { deliveryLines } from '../chat/marks.ts';
import { plainStyle } from '../text/style.ts';
import { memberLines } from './closed.ts';
import { deliveryLine, failures, signOf } from './delivery.ts';

const of = { key: 'key_ben', node_id: 'ben', device: 'Tablet' };
const delivery: DeliveryView = {
  state: 'delivered',
  recipients: [
    { node_id: 'ben', display: 'ben#1a2b', state: 'stored', by: 'hub' },
    { node_id: 'tablet', display: 'ben#1a2b', state: 'delivered', of },
    { node_id: 'mine', display: 'ann#1a2b', state: 'stored', own: true },
  ],
};

describe('people with several devices', () => {
  it('are one line among members', () => {
    const ben: MemberView = { node_id: 'ben', key: 'key_ben', display: 'ben#1a2b', present: false, role: 'member' };
    const tablet: MemberView = { ...ben, node_id: 'tablet', key: 'key_tablet', present: true, of };
    expect(memberLines([ben, tablet], plainStyle)).toEqual(['● ben#1a2b  member, 2 devices  key_ben']);
  });

  it('have a message with the first device that has it, and one line for each of them where it is told in full', () => {
    expect(deliveryLine(delivery)).toBe('delivered to ben#1a2b');
    expect(signOf(delivery)).toBe('✓✓');
    expect(deliveryLines(delivery, new Map())).toEqual([
      'ben#1a2b: delivered',
      '  first device: stored until they are back (at hub)',
      '  Tablet: delivered',
    ]);
  });

  it('are not told of as missed while one device may still get it', () => {
    const [ben, tablet] = delivery.recipients;
    expect(
      ben &&
        tablet &&
        failures({
          state: 'sent',
          recipients: [
            { ...ben, state: 'failed' },
            { ...tablet, state: 'sent' },
          ],
        }),
    ).toEqual([]);
  });
});
