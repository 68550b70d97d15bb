import { DEVICE_NEWS, DEVICES, type DeviceList, deviceLink, fromBase64, parseDeviceLink, signList, signStatement } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { conversation, knows, link, rejected, say } from './lib/devices.ts';
import { around, befriend } from './lib/friends.ts';
import { Network } from './lib/network.ts';

const MINUTE = 60_000;
const decoder = new TextDecoder();

/** A list as somebody signs it who runs a changed client. `statement`: base64. */
async function listOf(net: Network, person: string, device: string, statement: string, seq = 1): Promise<DeviceList> {
  const { identity } = net.get(device);
  const now = net.world.clock.now();
  const compact = decoder.decode(fromBase64(statement));
  const one = { keyId: identity.keyId, nodeId: identity.nodeId, name: device, added: now, statement: compact };
  return signList(net.get(person).identity, { name: person, seq, time: now, devices: [one], former: [] });
}

async function begin(seed: string, ...others: string[]): Promise<Network> {
  const net = new Network({ seed });
  await around(net, ['ann', 'tablet', 'ben', ...others]);
  await befriend(net, 'ann', 'ben');
  return net;
}

describe('linking', () => {
  it('takes the code: guesses are counted, link nobody, and do not take the code away from whoever has it', async () => {
    const net = await begin('devices guess');
    const { world } = net;
    const tablet = net.get('tablet').node;
    const { link: code } = tablet.devices.code();
    const wrong = deviceLink({ ...parseDeviceLink(code), secret: new Uint8Array(16) });
    for (let i = 0; i < 6; i++) {
      await expect(world.until(net.get('ben').node.devices.ask(wrong))).rejects.toMatchObject({ code: 'timeout' });
    }
    expect(rejected(net, 'tablet', 'device-code-wrong')).toBe(6);
    expect(tablet.devices.standing.state).toBe('own');
    expect(tablet.devices.askedBy).toBeUndefined();
    const agreed = await world.until(net.get('ann').node.devices.ask(code));
    expect(tablet.devices.askedBy).toMatchObject({ name: 'ann', number: agreed.number });
  });

  it('is once: whoever saw the code too comes too late, and is told nothing', async () => {
    const net = await begin('devices seen', 'mallory');
    const { world } = net;
    const { link: code } = net.get('tablet').node.devices.code();
    const agreed = await world.until(net.get('ann').node.devices.ask(code));
    expect(net.get('tablet').node.devices.askedBy).toMatchObject({ name: 'ann', number: agreed.number });
    await expect(world.until(net.get('mallory').node.devices.ask(code))).rejects.toMatchObject({ code: 'timeout' });
    expect(rejected(net, 'tablet', 'device-code-used')).toBe(1);
    // Nothing counts before the user has confirmed it on the first device.
    expect(net.get('tablet').node.devices.isLinked).toBe(false);
    await world.until(net.get('ann').node.devices.confirm(agreed.keyId));
    await world.runUntil(() => net.get('tablet').node.devices.isLinked, { limitMs: MINUTE });
  });

  it('runs out, and what a device has promised does too', async () => {
    const net = await begin('devices late');
    const { world } = net;
    const { link: code } = net.get('tablet').node.devices.code();
    await world.advance(11 * MINUTE);
    await expect(world.until(net.get('ann').node.devices.ask(code))).rejects.toMatchObject({ code: 'timeout' });
    const { link: again } = net.get('tablet').node.devices.code();
    const agreed = await world.until(net.get('ann').node.devices.ask(again));
    await world.advance(11 * MINUTE);
    await expect(world.until(net.get('ann').node.devices.confirm(agreed.keyId))).rejects.toMatchObject({ code: 'not-found' });
    // A changed client that confirms hours later has no device by it.
    await world.advance(2 * 60 * MINUTE);
    const list = await listOf(net, 'ann', 'tablet', await signStatement(net.get('tablet').identity, net.get('ann').identity.keyId, 0));
    await say(net, 'ann', 'tablet', DEVICES, { list: list.signed });
    expect(net.get('tablet').node.devices.isLinked).toBe(false);
  });

  it('survives crashes of both sides at any point after it was confirmed', async () => {
    const net = await begin('devices crash');
    const { world } = net;
    const { link: code } = net.get('tablet').node.devices.code();
    const agreed = await world.until(net.get('ann').node.devices.ask(code));
    net.crash('tablet');
    await world.until(net.get('ann').node.devices.confirm(agreed.keyId));
    net.crash('ann');
    await net.restart('ann');
    await net.restart('tablet');
    await world.runUntil(() => net.get('tablet').node.devices.isLinked, { limitMs: 10 * MINUTE, what: 'that it is linked' });
    await knows(net, 'ann', ['ann', 'tablet'], 'ann', 'tablet', 'ben');
    await world.runUntil(() => net.get('tablet').node.contacts.list().length === 1, { limitMs: 10 * MINUTE, what: 'the contacts' });
    expect(net.errors()).toEqual([]);
  });
});

describe('a list of devices', () => {
  it('counts from the key of the person alone, with what each device has signed itself', async () => {
    const net = await begin('devices forged', 'mallory');
    await befriend(net, 'mallory', 'ben');
    const mallory = net.get('mallory').identity;
    // Ann never agreed to be mallory's; nor does his own signature make it so, nor one for somebody else.
    for (const [signer, person] of [
      ['mallory', 'mallory'],
      ['tablet', 'ben'],
    ] as const) {
      const statement = await signStatement(net.get(signer).identity, net.get(person).identity.keyId, 0);
      await say(net, 'mallory', 'ben', DEVICES, { list: (await listOf(net, 'mallory', 'tablet', statement)).signed });
    }
    expect(rejected(net, 'ben', 'devices-forged')).toBe(2);
    // One that agreed, and is ben's contact already, or ben himself.
    const consent = await signStatement(net.get('ann').identity, mallory.keyId, 0);
    await say(net, 'mallory', 'ben', DEVICES, { list: (await listOf(net, 'mallory', 'ann', consent)).signed });
    const his = await signStatement(net.get('ben').identity, mallory.keyId, 0);
    await say(net, 'mallory', 'ben', DEVICES, { list: (await listOf(net, 'mallory', 'ben', his)).signed });
    expect(rejected(net, 'ben', 'devices-taken')).toBe(2);
    expect(net.get('ben').node.devices.ownerOf(net.idOf('ann'))).toBeUndefined();
    // From a stranger it is refused, from a third it is dropped.
    const own = await signStatement(net.get('mallory').identity, net.get('tablet').identity.keyId, 0);
    await say(net, 'tablet', 'ben', DEVICES, { list: (await listOf(net, 'tablet', 'mallory', own)).signed });
    // A stranger's is not even read: there are many signatures in it.
    const strangers = rejected(net, 'ben', 'not a contact');
    await say(net, 'tablet', 'ben', DEVICES, { list: (await listOf(net, 'tablet', 'mallory', his)).signed });
    expect([rejected(net, 'ben', 'devices-forged'), rejected(net, 'ben', 'not a contact') - strangers]).toEqual([2, 1]);
    const ann = await signStatement(net.get('tablet').identity, net.get('ann').identity.keyId, 0);
    await say(net, 'mallory', 'ben', DEVICES, { list: (await listOf(net, 'ann', 'tablet', ann)).signed });
    expect(rejected(net, 'ben', 'devices-unasked')).toBe(1);
    expect(net.get('ben').node.devices.nodesOf(net.get('ann').identity)).toHaveLength(1);
    expect(net.get('ben').node.devices.nodesOf(net.get('tablet').identity)).toHaveLength(1);
  });

  it('is not set back to an older one, and a revoked device that goes on is refused', async () => {
    const net = await begin('devices replayed');
    const { world } = net;
    await link(net, 'ann', 'tablet');
    await knows(net, 'ann', ['ann', 'tablet'], 'ann', 'tablet', 'ben');
    await world.advance(10_000);
    const id = conversation(net, 'tablet', 'ben');
    const old = net.get('ann').node.devices.ownList?.signed ?? '';
    // The thief takes the network away from it, so that it does not hear of being revoked, and then brings it back.
    world.network.partition([['ann', 's', 'ben'], ['tablet']]);
    await world.advance(MINUTE);
    await net.send('tablet', id, 'from the thief');
    await world.until(net.get('ann').node.devices.revoke('tablet'));
    await knows(net, 'ann', ['ann'], 'ann', 'ben');
    world.network.heal();
    await world.advance(5 * MINUTE);
    expect(net.texts('ben')).not.toContain('from the thief');
    expect(rejected(net, 'ben', 'not a contact') + rejected(net, 'ben', 'refused')).toBeGreaterThan(0);
    for (const host of ['ben', 'ann']) await say(net, 'tablet', host, DEVICES, { list: old });
    expect([rejected(net, 'ben', 'devices-replayed'), rejected(net, 'ann', 'devices-replayed')]).toEqual([1, 1]);
    const rows = [{ key: 'contact/x', time: world.clock.now(), value: 'e30=' }];
    await say(net, 'tablet', 'ann', DEVICE_NEWS, { rows });
    expect(net.get('ann').node.devices.shared('contact/x')).toBeUndefined();
    expect(net.get('ann').node.contacts.list()).toHaveLength(1);
    expect(net.errors()).toEqual([]);
  });

  it('comes back to the first device from the others, after its disk was lost', async () => {
    const net = await begin('devices restored');
    const { world } = net;
    await link(net, 'ann', 'tablet');
    await knows(net, 'ann', ['ann', 'tablet'], 'ann', 'tablet', 'ben');
    await world.advance(10_000);
    net.crash('ann');
    world.drive('ann').replace();
    await net.restart('ann');
    await knows(net, 'ann', ['ann', 'tablet'], 'ann');
    await world.runUntil(() => net.get('ann').node.contacts.isContact(net.get('ben').identity.keyId), {
      limitMs: 10 * MINUTE,
      what: 'her contacts',
    });
    expect(net.get('ben').node.devices.nodesOf(net.get('ann').identity)).toHaveLength(2);
  });
});
