import { describe, expect, it } from 'vitest';
import { shows, withTablet } from './lib/devices.ts';

const MINUTE = 60_000;

describe('a device of somebody who observes a closed channel', () => {
  it('reads along, and writes once that may', async () => {
    const net = await withTablet('devices observers');
    const { world } = net;
    const [ann, tablet, ben] = ['ann', 'tablet', 'ben'].map((host) => net.get(host).node.channels);
    if (!ann || !tablet || !ben) throw new Error('somebody is missing');
    const { id } = await world.until(ben.createClosed('gallery'));
    await world.until(ben.closed.invite(id, net.idOf('ann'), 'observer'));
    await world.runUntil(() => ann.closed.invitations().length > 0, { limitMs: MINUTE });
    await world.until(ann.closed.accept(id));
    await world.runUntil(() => ben.members(id).length === 3, { limitMs: 5 * MINUTE, what: 'that the tablet observes too' });
    await net.send('ben', id, 'to whoever looks on');
    await shows(net, 'to whoever looks on', 'ann', 'tablet');
    await expect(world.until(tablet.send(id, 'may I'))).rejects.toMatchObject({ code: 'refused' });
    await expect(world.until(ann.closed.invite(id, net.idOf('s'), 'observer'))).rejects.toMatchObject({ code: 'refused' });

    const { keyId } = net.get('ann').identity;
    await world.until(ben.closed.setRole(id, net.idOf('ann'), 'member'));
    await world.runUntil(() => tablet.closed.role(id) === 'member', { limitMs: 5 * MINUTE, what: 'that the tablet may write too' });
    await net.send('tablet', id, 'from the tablet');
    await shows(net, 'from the tablet', 'ann', 'ben');
    expect(ben.closed.members(id).find(({ nodeId }) => nodeId === net.idOf('tablet'))).toMatchObject({ role: 'member', person: keyId });
    expect(net.errors()).toEqual([]);
  });

  it('is sent away with the one who brought it', async () => {
    const net = await withTablet('devices observers removed');
    const { world } = net;
    const { channels: ben } = net.get('ben').node;
    const { id } = await world.until(ben.createClosed('gallery'));
    await world.until(ben.closed.invite(id, net.idOf('ann'), 'observer'));
    await world.runUntil(() => net.get('ann').node.channels.closed.invitations().length > 0, { limitMs: MINUTE });
    await world.until(net.get('ann').node.channels.closed.accept(id));
    await world.runUntil(() => ben.members(id).length === 3, { limitMs: 5 * MINUTE, what: 'that the tablet observes too' });
    await world.until(ben.closed.remove(id, net.idOf('ann')));
    expect(ben.members(id)).toEqual([net.idOf('ben')]);
    await net.send('ben', id, 'alone again');
    await world.advance(10 * MINUTE);
    for (const host of ['ann', 'tablet']) {
      expect(net.texts(host)).not.toContain('alone again');
      expect(net.get(host).node.channels.isJoined(id)).toBe(false);
    }
    expect(net.errors()).toEqual([]);
  });
});
