import { createCrypto } from '@parley/host';
import { MemoryDrive } from '@parley/sim';
import { describe, expect, it } from 'vitest';
import type { StoreWrite } from '../../ports/store.ts';
import { base64, base64url } from '../../util/base64.ts';
import { utf8 } from '../../util/bytes.ts';
import { Metrics } from '../../util/metrics.ts';
import type { Act } from './act.ts';
import { Acts, actTables } from './acts.ts';
import { Attachments, attachmentTables } from './attachments.ts';
import { History, historyTables } from './history.ts';
import type { StoredMessage } from './history-row.ts';
import { Holding } from './holdings.ts';

const part = (value: object): string => base64url(utf8(JSON.stringify(value)));

/** Ann has written something; Mel, a member like any other, does what she may. Nothing is signed: disks are trusted. */
async function begin() {
  const drive = new MemoryDrive();
  const store = drive.open([...historyTables, ...attachmentTables, ...actTables]);
  const history = new History(store, 'ann');
  const attachments = new Attachments({ store, crypto: createCrypto(), metrics: new Metrics(), completed: () => {} });
  const acts = new Acts({
    store,
    history,
    attachments,
    self: { nodeId: 'ann', keyId: 'key ann' },
    creatorOf: () => undefined,
    speaksFor: (nodeId, author) => nodeId === author,
    // `was` until 8000.
    moderates: (_, keyId, at) => keyId === 'key mod' || (keyId === 'key was' && at !== undefined && at <= 8000),
  });
  const written = (sender: string, seq: number, timestamp: number, text: string, act?: Act): [StoredMessage, StoreWrite[]] => {
    const about = act && { act: { kind: act.kind, msg_id: act.msgId, node_id: act.sender, seq: act.seq } };
    const at = new Date(timestamp).toISOString();
    const said = { msg_id: `${sender}${seq}`, node_id: sender, channel_id: 'channel', timestamp: at, text, attachments: [], seq, ...about };
    const signed = base64(utf8(`${part({ alg: 'EdDSA', kid: `key ${sender}` })}.${part(said)}.`));
    const fields = {
      channelId: 'channel',
      sender,
      keyId: `key ${sender}`,
      msgId: `${sender}${seq}`,
      seq,
      timestamp,
      text,
      attachments: [],
    };
    const message = act ? { ...fields, act } : fields;
    const stored = history.stored(message, timestamp, {});
    return [stored, history.writes(message, signed, new Holding(), timestamp, {}, 0)];
  };
  const [message, writes] = written('ann', 1, 5000, 'what Ann would like to take back');
  await store.commit(writes);
  const act = async (sender: string, seq: number, timestamp: number, kind: string, text = ''): Promise<StoredMessage> => {
    const [stored, rows] = written(sender, seq, timestamp, text, { kind, msgId: 'ann1', sender: 'ann', seq: 1 });
    await store.commit(rows);
    acts.kept('channel');
    return stored;
  };
  for (let seq = 1; seq <= 2500; seq++) await act('mel', seq, 10 + (seq % 1000), 'react', '🙂');
  return { acts, history, act, message };
}

describe('a message that somebody has done very much to', () => {
  it('is deleted also where that came before the message, behind all that others did, deletions that are none among them', async () => {
    const { acts, history, act, message } = await begin();
    for (let seq = 3000; seq < 4100; seq++) {
      await act('mel', seq, 100 + seq, 'delete');
      await act('ann', seq, 5001 + seq, 'edit', 'what Ann would like to take back');
      await act('ann', seq + 2000, 5001 + seq, 'edit', 'what Ann would like to take back');
    }
    expect((await acts.settle('channel', 'ann', 1))?.standing?.deleted).toBeUndefined();
    await act('mod', 9, 9000, 'delete');
    expect(await acts.settle('channel', 'ann', 1)).toMatchObject({ text: '', standing: { deleted: { by: 'mod', at: 9000 } } });
    expect((await history.at(message.cursor))?.text).toBe('');
  });

  it('is deleted by who moderated then, if it was there then', async () => {
    const { acts, act } = await begin();
    // Dated back, of what was written after.
    await act('was', 8, 4999, 'delete');
    // When it was so no more.
    await act('was', 9, 9000, 'delete');
    expect((await acts.settle('channel', 'ann', 1))?.standing?.deleted).toBeUndefined();
    await act('was', 10, 6000, 'delete');
    expect((await acts.settle('channel', 'ann', 1))?.standing?.deleted).toEqual({ by: 'was', at: 6000 });
  });

  it.each(['ann', 'mod'])('is deleted all the same, for good: by %s', async (by) => {
    const { acts, history, act, message } = await begin();
    const deletion = await act(by, 9, 9000, 'delete');
    const settled = await acts.settle('channel', 'ann', 1, deletion);
    expect(settled).toMatchObject({ text: '', standing: { deleted: { by, at: 9000 } } });
    const kept = await history.at(message.cursor);
    expect(kept?.text).toBe('');
    expect(await acts.dress([kept as StoredMessage])).toMatchObject([{ text: '', standing: { deleted: { by, at: 9000 } } }]);
    expect(JSON.stringify(kept)).not.toContain('take back');
  });

  it('is not by somebody else; and what comes at once is seen to at once', async () => {
    const { acts, history, act, message } = await begin();
    const looks = await Promise.all([
      acts.settle('channel', 'ann', 1),
      acts.settle('channel', 'ann', 1, await act('mel', 9999, 9000, 'delete')),
    ]);
    expect(looks[1]?.text).toBe('what Ann would like to take back');
    const settling = [...Array(50)].map(() => acts.settle('channel', 'ann', 1));
    settling.push(acts.settle('channel', 'ann', 1, await act('ann', 9, 9000, 'delete')));
    expect((await Promise.all(settling)).at(-1)?.standing?.deleted?.by).toBe('ann');
    expect((await history.at(message.cursor))?.text).toBe('');
  });
});
