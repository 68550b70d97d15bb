import type { TabStatus } from '@parley/browser';
import type { DevicesView } from '@parley/core';
import { expect, it } from 'vitest';
import { selfOf, whoseDialog } from './self.ts';

const device = (node_id: string, first: boolean) => ({ key: `key_${node_id}`, node_id, name: node_id, first, this: !first, present: true });
const devices = (state: DevicesView['state']): DevicesView => ({
  state,
  person: { key: 'key_laptop', name: 'Ann', display: 'Ann#1a2b' },
  devices: [device('laptop', true), device('tablet', false)],
  revoked: [],
});

it('draws the user of a linked device as the person whose it is, and of any other by itself', () => {
  const tablet = { node_id: 'tablet', name: 'Tablet' };
  expect(selfOf(tablet, devices('linked'))).toEqual({ node_id: 'laptop', name: 'Ann', display: 'Ann#1a2b' });
  for (const view of [undefined, devices('own'), devices('revoked')]) expect(selfOf(tablet, view)).toMatchObject(tablet);
});

it('opens the person of a further device, and the user for any device of their own', () => {
  const of = { key: 'key_laptop', node_id: 'laptop', device: 'Tablet' };
  const linked = { status: { node_id: 'tablet', name: 'Tablet' } as TabStatus, devices: devices('linked') };
  const first = { status: { node_id: 'laptop', name: 'Ann' } as TabStatus, devices: devices('own') };
  for (const node of [{ node_id: 'tablet', of }, { node_id: 'laptop' }]) {
    expect(whoseDialog(linked, node)).toBe('tablet');
    expect(whoseDialog(first, node)).toBe('laptop');
    expect(whoseDialog({ status: { node_id: 'bob' } as TabStatus }, node)).toBe('laptop');
  }
  // Of a device that was revoked it is not believed any more.
  expect(whoseDialog(first, { node_id: 'tablet', of: { ...of, former: true } })).toBe('tablet');
});
