import type { DevicesView } from '@parley/core';
import { expect, it } from 'vitest';
import { selfOf } from './self.ts';

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
