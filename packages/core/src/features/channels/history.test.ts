import { MemoryDrive } from '@parley/sim';
import { describe, expect, it } from 'vitest';
import type { Identity } from '../../identity/identity.ts';
import { History, historyTables } from './history.ts';
import { tableOf, timeIn } from './history-keys.ts';
import { Holding } from './holdings.ts';
import { type ChannelMessage, signMessage } from './message.ts';

const CHANNEL = 'c';
const author = 'a';
const WRITTEN = 1_700_000_000_000;

async function keep(history: History, store: Pick<ReturnType<MemoryDrive['open']>, 'commit'>, message: ChannelMessage): Promise<void> {
  const identity = { nodeId: message.sender, keyId: message.keyId, sign: () => new Uint8Array(64) } as unknown as Identity;
  const signed = await signMessage(identity, message);
  await store.commit(history.writes(message, signed, new Holding(), WRITTEN, {}, 0));
}

function act(sender: string, seq: number, kind: string, timestamp: number): ChannelMessage {
  const about = { kind, msgId: 'm', sender: author, seq: 1 };
  return { channelId: CHANNEL, sender, keyId: sender, msgId: `${sender}${seq}`, seq, timestamp, text: '', attachments: [], act: about };
}

describe('acts on a message', () => {
  it('of its author are not pushed out by a stranger whose clock says that it was earlier', async () => {
    const store = new MemoryDrive().open([...historyTables]);
    const history = new History(store, 'self');
    for (let seq = 1; seq <= 2100; seq++) await keep(history, store, act('stranger', seq, 'react', seq));
    await keep(history, store, act(author, 2, 'pin', WRITTEN));
    for (let seq = 3; seq <= 100; seq++) await keep(history, store, act(author, seq, 'delete', WRITTEN));
    const acts = await history.actsOn(CHANNEL, author, 1);
    const own = acts.filter(({ sender }) => sender === author).map(({ act: { kind } }) => kind);
    // Of one node some deletions, and besides them so much.
    expect([acts.length, own.length, own.includes('pin'), own.includes('delete')]).toEqual([2008, 9, true, true]);
    for (const { cursor, timestamp } of acts) expect([tableOf(cursor), timeIn(cursor)]).toEqual(['history_acts', timestamp]);
  });
});
