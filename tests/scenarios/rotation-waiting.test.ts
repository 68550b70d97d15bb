import { describe, expect, it } from 'vitest';
import { knows, link } from './lib/devices.ts';
import type { Network } from './lib/network.ts';
import { begin, finish, type Scene, swap } from './lib/rotation.ts';

const MINUTE = 60_000;

/** A node has lost what its sessions were made of, and is alone: what it writes waits. */
async function alone({ net }: Scene, writer: string): Promise<void> {
  for (const host of ['ann', 'ben', 'cid', 's']) net.crash(host);
  const { disk } = net.world.drive(writer);
  for (const table of ['direct_sessions', 'direct_offers']) {
    disk.apply(disk.range(table, { limit: 1000 }).map(({ key }) => ({ op: 'delete', table, key })));
  }
  await net.restart(writer);
  await net.world.advance(MINUTE);
}

/** Ann takes another key, and tells ben of it as soon as he is there. */
async function rotate(scene: Scene): Promise<void> {
  await scene.net.world.until(scene.net.get('ann').node.succession.begin(['ben']));
  await finish(scene, { anyway: true });
  await swap(scene);
}

const waiting = (net: Network, host: string): number => net.world.drive(host).disk.count('waiting_messages', {});
const stateOf = (net: Network, host: string, msgId: string) => net.world.until(net.get(host).node.channels.delivery(msgId));
const before = ['from the old key', 'to the old key'];

describe('what waits for a session while a key is replaced', () => {
  it('goes to the new key of a contact by itself, once that is believed, with its edits and its file, in order and once', async () => {
    const scene = await begin('waiting contact');
    const { net, next } = scene;
    const { world } = net;
    const old = net.get('ann').identity;
    await alone(scene, 'ben');
    const ben = () => net.get('ben').node;
    const sent = await net.send('ben', '@ann', 'first');
    const bytes = new TextEncoder().encode('a small file');
    await world.until(
      ben().channels.send('@ann', 'secnd', { attachments: [{ name: 'a.txt', type: 'text/plain', bytes }], replyTo: sent.msgId }),
    );
    const [, second] = (await world.until(ben().channels.archive.history('@ann', { limit: 2 }))) as { msgId: string }[];
    await world.until(ben().channels.act('@ann', 'edit', second?.msgId ?? '', 'second'));
    const slip = await net.send('ben', '@ann', 'a slip');
    await world.until(ben().channels.act('@ann', 'delete', slip.msgId));
    expect(waiting(net, 'ben')).toBe(5);
    // She takes another key, and he is told, without the two having had a session again.
    net.crash('ben');
    for (const host of ['s', 'ann']) await net.restart(host);
    await rotate(scene);
    await net.restart('ben');
    await world.runUntil(() => ben().contacts.get(old.keyId)?.change !== undefined, { limitMs: 15 * MINUTE, what: 'that ben is told' });
    expect(waiting(net, 'ben')).toBe(5);
    net.crash('ann');
    await world.advance(MINUTE);
    await world.until(ben().contacts.decideKey(old.keyId, true));
    await world.advance(10_000);
    expect(await stateOf(net, 'ben', sent.msgId)).toMatchObject({ state: 'sending', recipients: { [next.nodeId]: { state: 'waiting' } } });
    expect(await net.history('ben', '@ann')).toEqual([...before, '', 'first', 'second']);
    // It is the same after a crash.
    net.crash('ben');
    await net.restart('ben');
    expect(waiting(net, 'ben')).toBe(2);
    await net.restart('ann');
    await world.runUntil(() => net.texts('ann').includes('second'), { limitMs: 15 * MINUTE, what: 'that ann reads it' });
    expect(net.textsFrom('ann', 'ben').slice(1)).toEqual(['first', 'second']);
    const shown = net.get('ann').shown.find(({ message }) => message.text === 'second')?.message;
    expect(shown?.replyTo).toBe(sent.msgId);
    expect(shown?.attachments).toMatchObject([{ name: 'a.txt' }]);
    await world.advance(MINUTE);
    expect((await stateOf(net, 'ben', sent.msgId))?.state).toBe('delivered');
    expect(waiting(net, 'ben')).toBe(0);
    expect(await net.history('ben', '@ann')).toEqual([...before, '', 'first', 'second']);
    expect(net.errors()).toEqual([]);
  });

  it('goes out under the own new key to whoever was told of it, and fails, saying so, to whoever was not', async () => {
    const scene = await begin('waiting own');
    const { net } = scene;
    const { world } = net;
    await alone(scene, 'ann');
    const toBen = await net.send('ann', '@ben', 'for ben');
    const toCid = await net.send('ann', '@cid', 'for cid');
    expect(waiting(net, 'ann')).toBe(2);
    await net.restart('s');
    await rotate(scene);
    await world.advance(MINUTE);
    expect(waiting(net, 'ann')).toBe(1);
    expect((await stateOf(net, 'ann', toBen.msgId))?.state).toBe('sending');
    const failed = await stateOf(net, 'ann', toCid.msgId);
    expect(failed?.state).toBe('failed');
    expect(failed?.recipients[net.idOf('cid')]?.reason).toMatch(/not told of the new key/);
    await net.restart('ben');
    const change = () =>
      net
        .get('ben')
        .node.contacts.list()
        .find((contact) => contact.change);
    await world.runUntil(() => change() !== undefined, { limitMs: 15 * MINUTE, what: 'that ben is told' });
    await world.until(net.get('ben').node.contacts.decideKey(change()?.keyId ?? '', true));
    await world.runUntil(() => net.texts('ben').includes('for ben'), { limitMs: 15 * MINUTE, what: 'that ben reads it' });
    expect(await net.history('ann', '@ben')).toEqual([...before, 'for ben']);
    expect(net.errors()).toEqual([]);
  });

  it('stays where it is while the user has not said whether they believe the new key, or does not', async () => {
    const scene = await begin('waiting disbelieved');
    const { net } = scene;
    const { world } = net;
    const old = net.get('ann').identity;
    await alone(scene, 'ben');
    const { msgId } = await net.send('ben', '@ann', 'only for the old key');
    net.crash('ben');
    for (const host of ['s', 'ann']) await net.restart(host);
    await rotate(scene);
    await net.restart('ben');
    await world.runUntil(() => net.get('ben').node.contacts.get(old.keyId)?.change !== undefined, { limitMs: 15 * MINUTE });
    await world.until(net.get('ben').node.contacts.decideKey(old.keyId, false));
    await world.advance(10 * MINUTE);
    expect(net.texts('ann')).not.toContain('only for the old key');
    expect(waiting(net, 'ben')).toBe(1);
    expect(await stateOf(net, 'ben', msgId)).toMatchObject({ state: 'sending', recipients: { [old.nodeId]: { state: 'waiting' } } });
  });
});

describe('what is under way to a key that is replaced', () => {
  it('goes to the new key of a contact once that is believed, and is read once, on the own devices too', async () => {
    const scene = await begin('under way');
    const { net, next } = scene;
    const { world } = net;
    const old = net.get('ann').identity;
    await net.client('pad');
    net.link('pad', 's');
    await world.advance(5000);
    await link(net, 'ben', 'pad');
    await knows(net, 'ben', ['ben', 'pad'], 'ben', 'pad', 'ann');
    await world.runUntil(() => net.get('pad').node.contacts.list().length > 0, { limitMs: MINUTE });
    await world.advance(MINUTE);
    await rotate(scene);
    await world.runUntil(() => net.get('ben').node.contacts.get(old.keyId)?.change !== undefined, {
      limitMs: 15 * MINUTE,
      what: 'that ben is told',
    });
    const bytes = new TextEncoder().encode('a small file');
    const attachments = [{ name: 'a.txt', type: 'text/plain', bytes }];
    const sent = await world.until(net.get('ben').node.channels.send('@ann', 'first', { attachments }));
    const second = await net.send('ben', '@ann', 'secnd');
    await world.until(net.get('ben').node.channels.act('@ann', 'edit', second.msgId, 'second'));
    await world.runUntil(() => net.texts('pad').includes('secnd'), { limitMs: MINUTE, what: 'that the own device has it' });
    await world.advance(MINUTE);
    expect(waiting(net, 'ben')).toBe(0);
    expect((await stateOf(net, 'ben', sent.msgId))?.state).not.toMatch(/delivered|failed/);
    await world.until(net.get('ben').node.contacts.decideKey(old.keyId, true));
    await world.runUntil(() => net.texts('ann').includes('second'), { limitMs: 15 * MINUTE, what: 'that ann reads it' });
    await world.advance(2 * MINUTE);
    expect(await stateOf(net, 'ben', sent.msgId)).toMatchObject({
      state: 'delivered',
      recipients: { [next.nodeId]: { state: 'delivered' } },
    });
    for (const host of ['ben', 'ann', 'pad'])
      expect([host, (await net.history(host, host === 'ann' ? '@ben' : '@ann')).slice(-4)]).toEqual([host, [...before, 'first', 'second']]);
    expect(net.errors()).toEqual([]);
  });

  it('is on its way to the new key after a crash at any step of that', async () => {
    for (const steps of [1, 2, 3, 4, 5, 6]) {
      const scene = await begin('under way, crash');
      const { net } = scene;
      const { world } = net;
      const old = net.get('ann').identity;
      await rotate(scene);
      await world.runUntil(() => net.get('ben').node.contacts.get(old.keyId)?.change !== undefined, { limitMs: 15 * MINUTE });
      const { msgId } = await net.send('ben', '@ann', 'under way');
      await world.advance(MINUTE);
      void net
        .get('ben')
        .node.contacts.decideKey(old.keyId, true)
        .catch(() => {});
      await world.advance(steps);
      net.crash('ben');
      await net.restart('ben');
      if (net.get('ben').node.contacts.get(old.keyId)) await world.until(net.get('ben').node.contacts.decideKey(old.keyId, true));
      await world.runUntil(() => net.texts('ann').includes('under way'), { limitMs: 15 * MINUTE, what: `that ann reads it (${steps})` });
      await world.advance(MINUTE);
      expect((await stateOf(net, 'ben', msgId))?.state).toBe('delivered');
      expect(net.texts('ann').filter((text) => text === 'under way')).toHaveLength(1);
    }
  });
});
