import type { TabNode } from '@parley/browser';
import type { DevicesView } from '@parley/core';

const KEY = 'key_4MdbYa1Fg8nS7k9vTq2WxRz5cLhJpE3uBtNiYoGdKfQs';
let view: DevicesView = {
  state: 'own',
  person: { key: KEY, name: 'Ada', display: 'Ada#1c2d' },
  devices: [
    { key: KEY, node_id: '11111111-1111-8111-8111-111111111111', name: 'Ada', first: true, this: true, present: true },
    {
      key: `${KEY.slice(0, -1)}t`,
      node_id: '22222222-2222-8222-8222-222222222222',
      name: 'Tablet',
      first: false,
      this: false,
      present: false,
    },
  ],
  revoked: [],
};
const number = '12345 67890 24680 13579 11223 34455 66778 89900 10203 04050 60708 09010';

/** Made-up devices of a user: one can be revoked, and every code is agreed to. */
export const deviceCalls: Pick<TabNode, 'devices' | 'deviceCode' | 'askDevice' | 'confirmDevice' | 'revokeDevice'> = {
  devices: async () => view,
  deviceCode: async () => ({ link: `parley:device/${KEY}?secret=AAAAAAAAAAAAAAAAAAAAAA&name=Ada`, expires: '2026-01-02T03:14:05.678Z' }),
  askDevice: async () => ({ key: KEY, name: 'Phone', number }),
  confirmDevice: async (key) => {
    const device = { key, node_id: '33333333-3333-8333-8333-333333333333', name: 'Phone', first: false, this: false, present: true };
    view = { ...view, devices: [...view.devices, device] };
    return view;
  },
  revokeDevice: async (who) => {
    view = { ...view, devices: view.devices.filter(({ key }) => key !== who) };
    return view;
  },
};
