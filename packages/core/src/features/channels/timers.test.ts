import { createCrypto, createRandom } from '@parley/host';
import { MemoryDrive } from '@parley/sim';
import { expect, it } from 'vitest';
import { createIdentity } from '../../identity/index.ts';
import type { Closed } from './closed/index.ts';
import type { Channel } from './directory.ts';
import { historyTables } from './history.ts';
import { ACTS, keyOf } from './history-keys.ts';
import { rowOf } from './history-row.ts';
import { signMessage } from './message.ts';
import { Timers } from './timers.ts';

const START = 1_700_000_000_000;
const clock = { now: () => START, monotonic: () => 0, after: () => ({ cancel: () => {} }) };
const ID = '0190c2a4-0000-8000-8000-000000000001';

it('a timer is found however many acts about the conversation came after it that say nothing', async () => {
  const { identity } = await createIdentity({ crypto: createCrypto(), random: createRandom(), clock }, { name: 'ann' });
  const store = new MemoryDrive().open(historyTables);
  const keep = async (seq: number, kind: string, text: string): Promise<void> => {
    const act = { kind, msgId: ID, sender: ID, seq: 1 };
    const message = { channelId: ID, msgId: ID, seq, timestamp: START + seq, text, attachments: [], act };
    const key = keyOf({ ...message, sender: identity.nodeId, keyId: identity.keyId });
    await store.commit([{ op: 'put', table: ACTS, key, value: JSON.stringify(rowOf(await signMessage(identity, message), START, {})) }]);
  };
  await keep(1, 'timer', '60');
  await keep(2, 'timer', '3600');
  for (let seq = 3; seq < 1300; seq++) await keep(seq, seq % 2 === 0 ? 'timer' : 'of-later-versions', 'soon');
  const timers = new Timers({ store, closed: {} as Closed, line: (id) => [id] });
  await timers.open(ID);
  expect(timers.of({ id: ID, kind: 'direct' } as Channel)).toEqual({ seconds: 3600, by: identity.nodeId, at: START + 2 });
});
