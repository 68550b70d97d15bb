import { createCrypto } from '@parley/host';
import { MemoryDrive } from '@parley/sim';
import { expect, it } from 'vitest';
import { Metrics } from '../../util/metrics.ts';
import { Attachments, attachmentTables } from './attachments.ts';
import { MAX_ATTACHMENTS } from './verbs.ts';

it('shows at once all files of as many messages as go together', async () => {
  const store = new MemoryDrive().open(attachmentTables);
  const attachments = new Attachments({ store, crypto: createCrypto(), metrics: new Metrics(), completed: () => {} });
  const messages = Array.from({ length: 50 }, (_, seq) => ({
    channelId: 'channel',
    sender: 'ann',
    seq,
    attachments: Array.from({ length: MAX_ATTACHMENTS }, (_none, at) => ({
      root: `${seq}-${at}`.padStart(64, '0'),
      sha256: '',
      size: 1,
      type: 'text/plain',
      name: 'x',
    })),
  }));
  await store.commit(attachments.over(messages));
  const over = await attachments.filesOver();
  expect(over).toHaveLength(50 * MAX_ATTACHMENTS);
  for (const file of over) await attachments.fileSettled(file);
  expect(await attachments.filesOver()).toEqual([]);
});
