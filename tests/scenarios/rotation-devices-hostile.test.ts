import { DEVICE_FOLLOWS, fromBase64, NEW_KEY, signKeyChange, signStatement } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { devicesOf, knows, rejected, say } from './lib/devices.ts';
import type { Network } from './lib/network.ts';
import { finish, type Scene, swap, withDevices } from './lib/rotation.ts';

const MINUTE = 60_000;
const decoder = new TextDecoder();

const agrees = (net: Network, signer: string, person: string): Promise<string> =>
  net.world.until(signStatement(net.get(signer).identity, person, net.world.clock.now()));

describe('DEVICE_FOLLOWS', () => {
  it('takes nobody along that is no device, was revoked, speaks for another, or agrees to another key than the one that is named', async () => {
    const scene = await withDevices('follows forged', 'tablet', 'phone');
    const { net, next } = scene;
    const { world } = net;
    const follows = (from: string, statement: string): Promise<void> => say(net, from, 'ann', DEVICE_FOLLOWS, { statement });
    // While no key is replaced it means nothing.
    await follows('tablet', await agrees(net, 'tablet', next.keyId));
    await world.until(net.get('ann').node.succession.begin(['ben']));
    await world.advance(MINUTE);
    const theirs = await agrees(net, 'tablet', next.keyId);
    // A contact, for itself and with what a device has signed.
    await follows('ben', await agrees(net, 'ben', next.keyId));
    await follows('ben', theirs);
    await world.until(net.get('ann').node.devices.revoke('phone'));
    await follows('phone', await agrees(net, 'phone', next.keyId));
    expect(rejected(net, 'ann', 'not a device of this person')).toBe(3);
    // A device, with what another has signed, and with what it has signed itself: to the old key, a contact's, and another new one.
    await follows('tablet', await agrees(net, 'phone', next.keyId));
    for (const person of ['ann', 'ben', 's']) await follows('tablet', await agrees(net, 'tablet', net.get(person).identity.keyId));
    await follows('tablet', 'bm8gc2lnbmF0dXJl');
    expect(rejected(net, 'ann', 'device-statement')).toBe(5);
    await finish(scene);
    await swap(scene);
    await knows(net, 'ann', ['ann', 'tablet'], 'ann', 'tablet');
    // The new key hears the same again.
    await follows('ben', theirs);
    await follows('phone', await agrees(net, 'phone', next.keyId));
    expect(rejected(net, 'ann', 'not a device of this person')).toBe(2);
    await world.until(net.get('ann').node.devices.revoke('tablet'));
    await follows('tablet', theirs);
    expect(rejected(net, 'ann', 'not a device of this person')).toBe(3);
    expect(devicesOf(net, 'ann', 'ann')).toEqual(['ann']);
    expect(net.errors()).toEqual([]);
  });
});

describe('NEW_KEY to a device', () => {
  it('counts from the key of its person alone, by both signatures, and the one that was named last', async () => {
    const scene = await withDevices('new key to a device', 'tablet');
    const { net } = scene;
    const { world } = net;
    const [ann, ben, cid] = ['ann', 'ben', 'cid'].map((host) => net.get(host).identity) as [Scene['next'], Scene['next'], Scene['next']];
    const [first, second] = [await net.identity('first'), await net.identity('second')];
    const change = (from: Scene['next'], to: Scene['next'], ago = 0): Promise<string> =>
      world.until(signKeyChange(from, to, world.clock.now() - ago));
    const names = async (from: string, statement: string): Promise<void> => {
      await say(net, from, 'tablet', NEW_KEY, { statement });
      await world.advance(MINUTE);
    };
    const heir = (): string | undefined => net.get('tablet').node.devices.standing.heir?.keyId;
    const genuine = await change(ann, first);
    // What ann has said, with the signature of another; what she has said, from a contact; what a contact has said of itself.
    const [head, said] = decoder.decode(fromBase64(genuine)).split('.');
    const signature = decoder.decode(fromBase64(await change(cid, first))).split('.')[2];
    await names('cid', btoa([head, said, signature].join('.')));
    await names('ben', genuine);
    expect(rejected(net, 'tablet', 'new-key-forged')).toBe(2);
    await names('ann', await change(ann, first, 9 * 24 * 60 * MINUTE));
    expect(rejected(net, 'tablet', 'new-key-stale')).toBe(1);
    await names('cid', await change(cid, ben));
    expect(rejected(net, 'tablet', 'new-key-taken')).toBe(1);
    expect(heir()).toBeUndefined();
    await names('ann', genuine);
    expect(heir()).toBe(first.keyId);
    await names('ann', await change(ann, second));
    await names('ann', genuine);
    expect(rejected(net, 'tablet', 'new-key-unknown')).toBe(1);
    expect(heir()).toBe(second.keyId);
    // It stands for ann until a list of the new key says otherwise.
    expect(net.get('tablet').node.devices.person.keyId).toBe(ann.keyId);
    expect(net.errors()).toEqual([]);
  });
});
