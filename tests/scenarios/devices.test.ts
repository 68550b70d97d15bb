import type { Conditions } from '@parley/sim';
import { describe, expect, it } from 'vitest';
import { conversation, knows, link, shows, withTablet } from './lib/devices.ts';
import { around, befriend } from './lib/friends.ts';
import { Network } from './lib/network.ts';

const MINUTE = 60_000;

/** Ann, ben and a tablet behind a server; ann and ben are contacts. */
async function meet(seed: string, conditions: Partial<Conditions> = {}): Promise<Network> {
  const net = new Network({ seed, conditions });
  await around(net, ['ann', 'tablet', 'ben']);
  await befriend(net, 'ann', 'ben');
  return net;
}

/** The tablet is ann's, and knows ben. */
async function begin(seed: string): Promise<Network> {
  const net = await withTablet(seed);
  await net.world.runUntil(() => net.get('tablet').node.contacts.isContact(net.get('ben').identity.keyId), { limitMs: MINUTE });
  await net.world.advance(10_000);
  return net;
}

describe('a linked device', () => {
  it('receives and sends direct messages as the one person, in the one conversation', async () => {
    const net = await begin('devices direct');
    const id = conversation(net, 'ann', 'ben');
    expect(conversation(net, 'tablet', 'ben')).toBe(id);
    expect(conversation(net, 'ben', 'ann')).toBe(id);
    const { msgId } = await net.send('ben', '@ann', 'for all your devices');
    await shows(net, 'for all your devices', 'ann', 'tablet');
    await net.send('tablet', '@ben', 'from the tablet');
    await shows(net, 'from the tablet', 'ann', 'ben');
    await net.send('ann', '@ben', 'from the first');
    await shows(net, 'from the first', 'tablet', 'ben');
    await net.world.advance(5000);
    expect((await net.world.until(net.get('ben').node.channels.delivery(msgId)))?.state).toBe('delivered');
    const own = (host: string) => net.get(host).shown.map(({ own: mine, message }) => `${mine} ${message.text}`);
    expect(own('ann')).toEqual(['false for all your devices', 'true from the tablet', 'true from the first']);
    expect(own('tablet')).toEqual(own('ann'));
    expect(net.get('ann').node.channels.find('@ben').unread).toBe(1);
    expect(net.errors()).toEqual([]);
  });

  it('takes over what the first shows others less of than it does, before it knows any contact, and keeps what its user chooses there since', async () => {
    const net = await meet('devices settings');
    const settings = (host: string) => net.get(host).node.settings;
    await net.world.until(settings('ann').set({ readMarks: false, presence: false }));
    await net.world.until(settings('tablet').set({ typing: false }));
    let first: unknown;
    net.get('tablet').node.contacts.events.on('contact', () => {
      first ??= settings('tablet').get();
    });
    await link(net, 'ann', 'tablet');
    await knows(net, 'ann', ['ann', 'tablet'], 'ann', 'tablet', 'ben');
    await net.world.runUntil(() => first !== undefined, { limitMs: 5 * MINUTE, what: 'that the tablet has a contact' });
    expect(first).toEqual({ circuits: 0, direct: true, readMarks: false, typing: false, presence: false });
    expect(settings('ann').get()).toEqual({ circuits: 0, direct: true, readMarks: false, typing: true, presence: false });
    await net.world.until(settings('tablet').set({ readMarks: true }));
    await net.world.until(settings('ann').set({ presence: true }));
    for (const host of ['ann', 'tablet']) {
      net.crash(host);
      await net.restart(host);
    }
    await net.world.advance(30 * MINUTE);
    expect(settings('tablet').get()).toEqual({ circuits: 0, direct: true, readMarks: true, typing: false, presence: false });
    expect(settings('ann').get()).toEqual({ circuits: 0, direct: true, readMarks: false, typing: true, presence: true });
    expect(net.errors()).toEqual([]);
  });

  it('finds the conversations from before it was linked, as seen as they were on the first', async () => {
    const net = new Network({ seed: 'devices history' });
    await around(net, ['ann', 'tablet', 'ben']);
    await befriend(net, 'ann', 'ben');
    await net.world.runUntil(() => net.knows('ann', conversation(net, 'ann', 'ben')), { limitMs: MINUTE });
    for (let i = 0; i < 5; i++) await net.send('ben', '@ann', `before ${i}`);
    await shows(net, 'before 4', 'ann');
    const last = net.get('ann').shown.at(-1)?.message.cursor ?? '';
    await net.world.until(net.get('ann').node.channels.markRead('@ben', last));
    await link(net, 'ann', 'tablet');
    await shows(net, 'before 4', 'tablet');
    await net.send('ben', '@ann', 'after');
    await shows(net, 'after', 'tablet', 'ann');
    await net.world.runUntil(() => net.get('tablet').node.channels.find('@ben').unread === 1, { limitMs: MINUTE, what: 'the mark' });
    await net.world.until(net.get('tablet').node.channels.markRead('@ben', net.get('tablet').shown.at(-1)?.message.cursor ?? ''));
    await net.world.runUntil(() => net.get('ann').node.channels.find('@ben').unread === 0, {
      limitMs: MINUTE,
      what: 'the mark of the tablet',
    });
  });

  it('was away, and catches up with everything, whoever else is there by then', async () => {
    const net = await begin('devices away');
    net.crash('tablet');
    await net.world.advance(MINUTE);
    await net.send('ben', '@ann', 'while it was off');
    await net.send('ann', '@ben', 'and mine');
    await net.world.until(net.get('ann').node.contacts.rename('ben', 'Benny'));
    const { id } = await net.world.until(net.get('ann').node.channels.create('garden'));
    await net.world.advance(10 * MINUTE);
    await net.restart('tablet');
    await shows(net, 'while it was off', 'tablet');
    await shows(net, 'and mine', 'tablet');
    const tablet = net.get('tablet').node;
    await net.world.runUntil(() => tablet.contacts.find('ben').alias === 'Benny' && tablet.channels.isJoined(id), { limitMs: 10 * MINUTE });
    await net.send('tablet', '@Benny', 'back again');
    await shows(net, 'back again', 'ben', 'ann');
    expect(net.errors()).toEqual([]);
  });

  it('shares whom the user knows, verified, blocked and forgot, on whichever device that was', async () => {
    const net = await begin('devices contacts');
    const [ann, tablet] = [net.get('ann').node, net.get('tablet').node];
    expect(tablet.contacts.safetyNumber('ben')).toBe(ann.contacts.safetyNumber('ben'));
    expect(tablet.contacts.link).toBe(ann.contacts.link);
    await net.world.until(tablet.contacts.verify('ben', net.get('ben').node.contacts.safetyNumber('ann')));
    await net.world.runUntil(() => ann.contacts.find('ben').verified, { limitMs: MINUTE, what: 'that ann knows it too' });
    await net.world.until(tablet.contacts.block('ben'));
    await net.world.runUntil(() => ann.contacts.find('ben').blocked, { limitMs: MINUTE, what: 'that ann blocks him too' });
    await expect(tablet.contacts.add(net.get('ben').node.contacts.link)).rejects.toMatchObject({ code: 'refused' });
    await net.world.until(ann.contacts.remove('ben'));
    await net.world.runUntil(() => tablet.contacts.list().length === 0, { limitMs: MINUTE, what: 'that the tablet forgets him' });
    expect(ann.contacts.list()).toEqual([]);
  });

  it('is in the channels of the first: public ones, and closed ones with a key of its own', async () => {
    const net = await begin('devices channels');
    const { world } = net;
    const { id: open } = await world.until(net.get('ann').node.channels.create('garden'));
    await net.join(open, 'ben');
    const { id: closed } = await world.until(net.get('ben').node.channels.createClosed('hideout'));
    await world.until(net.get('ben').node.channels.closed.invite(closed, net.idOf('ann')));
    await world.runUntil(() => net.get('ann').node.channels.closed.invitations().length > 0, { limitMs: MINUTE });
    await world.until(net.get('ann').node.channels.closed.accept(closed));
    await world.runUntil(() => [open, closed].every((id) => net.get('tablet').node.channels.isJoined(id)), {
      limitMs: 5 * MINUTE,
      what: 'that the tablet is in both',
    });
    await world.runUntil(() => net.get('ben').node.channels.members(closed).length === 3, { limitMs: MINUTE });
    for (const [at, id] of [open, closed].entries()) {
      await net.send('ben', id, `to all ${at}`);
      await shows(net, `to all ${at}`, 'ann', 'tablet');
      await net.send('tablet', id, `from the tablet ${at}`);
      await shows(net, `from the tablet ${at}`, 'ann', 'ben');
    }
    const members = net.get('ben').node.channels.closed.members(closed);
    expect(members.find(({ nodeId }) => nodeId === net.idOf('tablet'))).toMatchObject({
      role: 'member',
      person: net.get('ann').identity.keyId,
    });
    await world.until(net.get('tablet').node.channels.leave(open));
    await world.runUntil(() => !net.get('ann').node.channels.isJoined(open), { limitMs: MINUTE, what: 'that ann has left too' });
    expect(net.errors()).toEqual([]);
  });

  it('is one of several on both sides, with messages of each in all', async () => {
    const net = await begin('devices both');
    await net.client('phone');
    net.link('phone', 's');
    await net.client('laptop');
    net.link('laptop', 's');
    await net.world.advance(5000);
    await link(net, 'ben', 'phone');
    await link(net, 'ann', 'laptop');
    const all = ['ann', 'tablet', 'laptop', 'ben', 'phone'];
    await knows(net, 'ben', ['ben', 'phone'], ...all);
    await knows(net, 'ann', ['ann', 'tablet', 'laptop'], ...all);
    await net.world.advance(2 * MINUTE);
    for (const host of all) {
      await net.send(host, conversation(net, host, host === 'ben' || host === 'phone' ? 'ann' : 'ben'), `from ${host}`);
      await net.world.advance(1000);
    }
    for (const host of all) await shows(net, `from ${host}`, ...all);
    expect(net.errors()).toEqual([]);
  });
});

describe('a device that has just been linked', () => {
  it('gets at once what was written before the contact knew of it, or while their session was being begun', async () => {
    for (const [seed, afterMs] of [
      ['slow 12', 400],
      ['slow 21', 200],
    ] as const) {
      const net = await meet(seed, { latencyMs: 5, jitterMs: 400 });
      const { world } = net;
      const agreed = await world.until(net.get('ann').node.devices.ask(net.get('tablet').node.devices.code().link));
      await world.until(net.get('ann').node.devices.confirm(agreed.keyId));
      await world.advance(afterMs);
      await net.send('ben', '@ann', 'to both');
      await world.runUntil(() => net.texts('tablet').includes('to both'), { limitMs: 15_000, what: `that the tablet shows it, ${seed}` });
    }
  });
});

describe('a device that was lost', () => {
  it('is revoked: it is heard no more, hears no more, and is told so', async () => {
    const net = await begin('devices revoked');
    const { world } = net;
    const { id: closed } = await world.until(net.get('ann').node.channels.createClosed('hideout'));
    await world.until(net.get('ann').node.channels.closed.invite(closed, net.idOf('ben')));
    await world.runUntil(() => net.get('ben').node.channels.closed.invitations().length > 0, { limitMs: MINUTE });
    await world.until(net.get('ben').node.channels.closed.accept(closed));
    await world.runUntil(() => net.get('tablet').node.channels.isJoined(closed), {
      limitMs: MINUTE,
      what: 'that the tablet is in the channel',
    });
    await world.runUntil(() => net.get('ben').node.channels.members(closed).length === 3, { limitMs: MINUTE });
    await net.send('tablet', '@ben', 'still mine');
    await shows(net, 'still mine', 'ben', 'ann');
    await world.until(net.get('ann').node.devices.revoke('tablet'));
    await knows(net, 'ann', ['ann'], 'ann', 'ben');
    await world.runUntil(() => net.get('tablet').node.devices.standing.state === 'revoked', { limitMs: MINUTE, what: 'that it knows' });
    await world.runUntil(() => ['ann', 'ben'].every((host) => net.get(host).node.channels.members(closed).length === 2), {
      limitMs: MINUTE,
    });
    await world.advance(5000);
    const shown = net.texts('tablet').length;
    await net.send('ben', '@ann', 'not for thieves');
    await net.send('ann', closed, 'nor this');
    await shows(net, 'not for thieves', 'ann');
    await shows(net, 'nor this', 'ben');
    await world.advance(5 * MINUTE);
    expect(net.texts('tablet').length).toBe(shown);
    expect(net.get('tablet').node.contacts.list()).toEqual([]);
    await expect(world.until(net.get('tablet').node.channels.send(conversation(net, 'ann', 'ben'), 'as ann'))).rejects.toThrow();
    // What it wrote before stays hers.
    const before = (await world.until(net.get('ben').node.channels.archive.history('@ann', { limit: 100 }))).find(
      ({ text }) => text === 'still mine',
    );
    expect(net.get('ben').node.devices.ownerOf(before?.sender ?? '')?.person.keyId).toBe(net.get('ann').identity.keyId);
    expect(() => net.get('tablet').node.devices.code()).toThrow(/revoked/);
    expect(net.errors()).toEqual([]);
  });

  it('is told so even when it was linked in the same second', async () => {
    const net = await meet('devices revoked at once');
    const { world } = net;
    const agreed = await world.until(net.get('ann').node.devices.ask(net.get('tablet').node.devices.code().link));
    await world.advance(1000 - (world.clock.now() % 1000));
    await world.until(net.get('ann').node.devices.confirm(agreed.keyId));
    await world.runUntil(() => net.get('tablet').node.devices.isLinked, { limitMs: 900, what: 'that it is linked' });
    const { seq } = net.get('ann').node.devices.ownList ?? { seq: 0 };
    await world.until(net.get('ann').node.devices.revoke('tablet'));
    expect(net.get('ann').node.devices.ownList?.seq).toBe(seq + 1);
    await world.runUntil(() => net.get('tablet').node.devices.standing.state === 'revoked', { limitMs: 5000, what: 'that it knows' });
    await knows(net, 'ann', ['ann'], 'ben');
  });
});
