import type { ApiService } from '@parley/core';
import type { TabNode } from '../parley.ts';

/** What a page asks about the devices of its user. */
export const deviceCalls = (
  service: () => ApiService,
): Pick<TabNode, 'devices' | 'deviceCode' | 'askDevice' | 'confirmDevice' | 'revokeDevice'> => ({
  devices: async () => service().devices.list(),
  deviceCode: async () => service().devices.code(),
  askDevice: (link) => service().devices.ask(link),
  confirmDevice: (key) => service().devices.confirm(key),
  revokeDevice: (who) => service().devices.revoke(who),
});
