import type { DeliveryView } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { HASTE } from './lib/haste.ts';
import { startHastyWorker } from './lib/node-worker.ts';
import { start, until } from './lib/nodes.ts';
import { newBrowser, tab } from './lib/parley.ts';

type Recipient = Partial<DeliveryView['recipients'][number]>;

describe('a server that lies about messages', () => {
  it.each<{ lie: 'keeps silent' | 'drops'; state: DeliveryView['state']; recipient: Recipient }>([
    { lie: 'keeps silent', state: 'sending', recipient: { state: 'waiting', reason: 'no ack' } },
    { lie: 'drops', state: 'sent', recipient: { state: 'sent', reason: 'no receipt' } },
  ])('and $lie: the message says so, and goes by another server as soon as one is known', async ({ lie, state, recipient }) => {
    const haste = HASTE;
    const liar = await start({ name: 'liar', port: 0, lie, haste });
    const honest = await start({ name: 'honest', port: 0, connect: [liar.url], haste });
    const other = await start({ name: 'bob', nodeType: 'client', connect: [liar.url, honest.url], haste });
    const parley = tab(newBrowser(), liar.location, startHastyWorker);
    await parley.begin('Ann');
    await other.create('general');
    await until(async () => (await parley.node.channels()).length === 1, 'the channel is known');
    await parley.node.join('general');
    await until(async () => (await parley.node.members('general')).length === 2, 'both are members');

    const { msg_id } = await parley.node.send('general', 'first');
    const delivery = async (): Promise<DeliveryView | undefined> => (await parley.node.message('general', msg_id))?.delivery;
    await until(async () => (await delivery())?.recipients[0]?.reason !== undefined, 'it says that something is wrong');
    expect(await delivery()).toMatchObject({ state, recipients: [recipient] });

    await parley.node.setServers([liar.url, honest.url]);
    await until(async () => (await delivery())?.state === 'delivered', 'it went by the other server');
    for (const text of ['second', 'third']) await parley.node.send('general', text);
    await until(async () => (await other.texts('general')).length >= 3, 'the others went there too');
    expect(await other.texts('general')).toEqual(['first', 'second', 'third']);
    expect((await delivery())?.recipients).toMatchObject([{ state: 'delivered' }]);
  });
});
