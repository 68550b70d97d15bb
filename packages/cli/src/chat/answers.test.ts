import type { MessageView, StatusView } from '@parley/host';
import { describe, expect, it } from 'vitest';
import { infoLines } from './answers.ts';
import { chatState, message, person } from './fixtures.ts';

const STATUS: StatusView = {
  node_id: 'id-alice',
  key: 'key_a',
  name: 'alice',
  node_type: 'client',
  version: 'parley/0.1.0',
  uptime_s: 60,
  connect: [],
  links: [
    {
      peer: person('hub'),
      node_type: 'server',
      address: '127.0.0.1:7400',
      dialled: true,
      transport: 'tls',
      latency_ms: 1,
      version: 'parley/0.1.0',
      queued_bytes: 0,
    },
  ],
  reachable_nodes: 2,
  channels: 1,
  stored_messages: 0,
  store_bytes: 1,
  file_bytes: 0,
};

const told = (change: Partial<MessageView>): string | undefined => infoLines(STATUS, chatState([message(1, change)])).at(-1)?.text;

describe('/info', () => {
  it('tells how the last message came', () => {
    expect(told({ via: [] })).toBe('straight from bob#1a2b');
    expect(told({ via: [person('hub').node_id, 'unknown'] })).toBe('by way of hub#1a2b, unknown');
    expect(told({ given_by: person('carol') })).toBe('from carol#1a2b by catch-up: the way it took before is not known');
    expect(told({})).toBe('its way is not known');
  });
});
