import { PRESENCE, type UserPresence } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { knows, link } from './lib/devices.ts';
import { around, befriend } from './lib/friends.ts';
import { Network, type ParticipantConfig } from './lib/network.ts';
import { Recording } from './lib/recording.ts';

const SECOND = 1000;
const MINUTE = 60_000;

/** Ann and ben behind a server, contacts of each other, and eve, who is nobody's. */
async function begin(seed: string, config: Readonly<Record<string, ParticipantConfig>> = {}): Promise<Network> {
  const net = new Network({ seed });
  await around(net, []);
  for (const host of ['ann', 'ben', 'eve']) {
    await net.client(host, config[host] ?? {});
    net.link(host, 's');
  }
  await net.world.runUntil(() => ['ann', 'ben', 'eve'].every((a) => ['ann', 'ben', 'eve'].every((b) => net.reaches(a, b))), {
    what: 'that all meet',
  });
  await befriend(net, 'ann', 'ben');
  await net.world.advance(MINUTE);
  return net;
}

const here = (net: Network, host: string): void => net.get(host).node.presence.active();
const seenAt = (net: Network, host: string, other: string): UserPresence | undefined => net.get(host).node.presence.of(net.idOf(other));
const stateAt = (net: Network, host: string, other: string): string | undefined => seenAt(net, host, other)?.state;
const sent = (net: Network, host: string): number => net.get(host).node.metrics.value('sent', PRESENCE.name);
const rejected = (net: Network, host: string, reason: string): number => net.get(host).node.metrics.value('rejections', reason);
const share = (net: Network, host: string, presence: boolean) => net.world.until(net.get(host).node.settings.set({ presence }));
/** Minutes since somebody was seen, as a node has it. */
const minutesAgo = (net: Network, host: string, other: string): number =>
  Math.round((net.get(host).ports.clock.now() - (seenAt(net, host, other)?.seen ?? 0)) / MINUTE);

describe('presence', () => {
  it('is here while the user does something, away after, and last seen once they are gone', async () => {
    const net = await begin('presence');
    const told: (string | undefined)[] = [];
    net.get('ben').node.presence.events.on('changed', () => told.push(stateAt(net, 'ben', 'ann')));
    // Of a node at which nobody ever was nothing is told.
    expect([seenAt(net, 'ben', 'ann'), sent(net, 'ann')]).toEqual([undefined, 0]);
    for (let i = 0; i < 30; i++) {
      here(net, 'ann');
      await net.world.advance(MINUTE);
      expect(stateAt(net, 'ben', 'ann')).toBe('here');
    }
    expect(sent(net, 'ann')).toBeLessThan(12);
    await net.world.advance(5 * MINUTE);
    expect(stateAt(net, 'ben', 'ann')).toBe('away');
    expect(minutesAgo(net, 'ben', 'ann')).toBe(6);
    here(net, 'ann');
    await net.world.advance(5 * SECOND);
    expect(stateAt(net, 'ben', 'ann')).toBe('here');
    net.crash('ann');
    await net.world.advance(2 * MINUTE);
    expect(stateAt(net, 'ben', 'ann')).toBeUndefined();
    expect(minutesAgo(net, 'ben', 'ann')).toBe(2);
    expect(told).toEqual(['here', 'away', 'here', undefined]);
    expect(net.errors()).toEqual([]);
  });

  it('is told to who comes, and not again and again to who comes and goes', async () => {
    const net = await begin('presence comes');
    net.crash('ben');
    await net.world.advance(2 * MINUTE);
    here(net, 'ann');
    await net.world.advance(2 * MINUTE);
    expect(sent(net, 'ann')).toBe(0);
    await net.restart('ben');
    await net.world.advance(20 * SECOND);
    expect(stateAt(net, 'ben', 'ann')).toBe('here');
    const before = sent(net, 'ann');
    for (let i = 0; i < 10; i++) {
      net.world.network.connections('ben')[0]?.close();
      await net.world.advance(2 * SECOND);
    }
    expect(sent(net, 'ann') - before).toBeLessThanOrEqual(2);
  });

  it('is kept on no disk, sealed, and nothing to strangers, servers and who only asked', async () => {
    const net = await begin('presence sealed');
    await net.world.until(net.get('eve').node.contacts.add(net.get('ann').node.contacts.link));
    await net.world.advance(MINUTE);
    const recording = new Recording(net);
    const groups = ['s', 'ben'].map((host) => net.world.drive(host).groups);
    here(net, 'ann');
    await net.world.advance(5 * SECOND);
    expect(stateAt(net, 'ben', 'ann')).toBe('here');
    expect(recording.count('FLEETING')).toBe(2);
    expect(recording.readable(['PRESENCE', '"here"', 'idle'])).toEqual([]);
    expect(['s', 'ben'].map((host) => net.world.drive(host).groups)).toEqual(groups);
    // Eve says it herself: nobody listens.
    const target = await net.world.until(net.get('eve').node.certificates.target(net.idOf('ann')));
    await net.world.until(net.get('eve').node.overlay.sealed.utter(PRESENCE, { state: 'here' }, { target }));
    await net.world.advance(5 * SECOND);
    expect(rejected(net, 'ann', 'presence-sender') + rejected(net, 'ann', 'fleeting-stranger')).toBe(1);
    expect(seenAt(net, 'ann', 'eve')).toBeUndefined();
  });

  it('is neither told nor shown by who turned it off; and what was told is taken back', async () => {
    const net = await begin('presence off');
    here(net, 'ann');
    here(net, 'ben');
    await net.world.advance(5 * SECOND);
    expect([stateAt(net, 'ann', 'ben'), stateAt(net, 'ben', 'ann')]).toEqual(['here', 'here']);
    await share(net, 'ann', false);
    expect(seenAt(net, 'ann', 'ben')).toBeUndefined();
    await net.world.advance(5 * SECOND);
    expect(seenAt(net, 'ben', 'ann')).toBeUndefined();
    const before = sent(net, 'ann');
    for (let i = 0; i < 10; i++) {
      here(net, 'ann');
      here(net, 'ben');
      await net.world.advance(MINUTE);
    }
    net.crash('ben');
    await net.world.advance(2 * MINUTE);
    await net.restart('ben');
    await net.world.advance(MINUTE);
    expect([sent(net, 'ann') - before, seenAt(net, 'ben', 'ann'), seenAt(net, 'ann', 'ben')]).toEqual([0, undefined, undefined]);
    net.crash('ann');
    await net.restart('ann');
    expect(net.get('ann').node.settings.get().presence).toBe(false);
    await share(net, 'ann', true);
    here(net, 'ann');
    here(net, 'ben');
    await net.world.advance(20 * SECOND);
    expect([stateAt(net, 'ann', 'ben'), stateAt(net, 'ben', 'ann')]).toEqual(['here', 'here']);
  });

  it.each(['block', 'remove'] as const)('is not told to one whose key the user has come to %s, nor shown of them', async (what) => {
    const net = await begin(`presence ${what}`);
    here(net, 'ann');
    here(net, 'ben');
    await net.world.advance(5 * SECOND);
    const before = sent(net, 'ann');
    await net.world.until(Promise.resolve(net.get('ann').node.contacts[what](net.get('ben').identity.keyId)));
    for (let i = 0; i < 15; i++) {
      here(net, 'ann');
      here(net, 'ben');
      await net.world.advance(MINUTE);
    }
    expect([sent(net, 'ann') - before, seenAt(net, 'ann', 'ben')]).toEqual([0, undefined]);
    // They see what they would see of somebody who is gone.
    expect(stateAt(net, 'ben', 'ann')).toBeUndefined();
    expect(minutesAgo(net, 'ben', 'ann')).toBe(15);
  });

  it('outlives the loss of one in two', async () => {
    const net = await begin('presence lost');
    let seen = 0;
    net.world.network.onFrame(({ from, bytes }) =>
      from === 'ann' && Buffer.from(bytes).includes('"FLEETING"') && seen++ % 2 === 1 ? { drop: true } : undefined,
    );
    for (let i = 0; i < 40; i++) {
      here(net, 'ann');
      await net.world.advance(MINUTE);
      expect(stateAt(net, 'ben', 'ann')).toBe('here');
    }
    expect(seen).toBeGreaterThan(6);
  });

  it.each([
    ['ahead', 10 * MINUTE],
    ['behind', -10 * MINUTE],
  ])('counts from when it was heard, where a clock is %s', async (_, skewMs) => {
    const net = await begin(`presence clock ${skewMs}`, { ann: { skewMs } });
    here(net, 'ann');
    await net.world.advance(5 * SECOND);
    expect([stateAt(net, 'ben', 'ann'), minutesAgo(net, 'ben', 'ann')]).toEqual(['here', 0]);
    await net.world.advance(6 * MINUTE);
    expect([stateAt(net, 'ben', 'ann'), minutesAgo(net, 'ben', 'ann')]).toEqual(['away', 6]);
  });

  it('of one with several devices is one: here while one of them is, and not by one that was revoked', async () => {
    const net = await begin('presence devices');
    await net.client('pad');
    net.link('pad', 's');
    await link(net, 'ann', 'pad');
    await knows(net, 'ann', ['ann', 'pad'], 'ben');
    await net.world.advance(2 * MINUTE);
    here(net, 'ann');
    await net.world.advance(10 * MINUTE);
    expect(stateAt(net, 'ben', 'ann')).toBe('away');
    here(net, 'pad');
    await net.world.advance(5 * SECOND);
    expect(stateAt(net, 'ben', 'ann')).toBe('here');
    // Both are told of ben, and not of each other.
    here(net, 'ben');
    await net.world.advance(5 * SECOND);
    expect([stateAt(net, 'ann', 'ben'), stateAt(net, 'pad', 'ben')]).toEqual(['here', 'here']);
    await net.world.until(net.get('ann').node.devices.revoke(net.get('pad').identity.keyId));
    await knows(net, 'ann', ['ann'], 'ben');
    expect(stateAt(net, 'ben', 'ann')).toBe('away');
    expect(net.errors()).toEqual([]);
  });

  it('of a contact who says it all the time is bounded', async () => {
    const net = await begin('presence flood');
    let told = 0;
    net.get('ben').node.presence.events.on('changed', () => {
      told++;
    });
    const target = await net.world.until(net.get('ann').node.certificates.target(net.idOf('ben')));
    for (let i = 0; i < 300; i++) {
      const state = i % 2 === 0 ? 'here' : 'hidden';
      await net.world.until(net.get('ann').node.overlay.sealed.utter(PRESENCE, { state }, { target }));
    }
    await net.world.advance(SECOND);
    expect(told).toBeLessThanOrEqual(12);
    expect(rejected(net, 'ben', 'fleeting-quota')).toBeGreaterThan(50);
    expect(net.errors()).toEqual([]);
  });
});
