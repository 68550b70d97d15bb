import {
  type ApiEvent,
  displayName,
  EventHub,
  membersTogether,
  NodeService,
  recipientsTogether,
  type Surroundings,
  Views,
} from '@parley/core';
import { describe, expect, it } from 'vitest';
import { clients, invite } from './lib/closed.ts';
import { knows, link, shows, withTablet } from './lib/devices.ts';
import type { Network } from './lib/network.ts';

const MINUTE = 60_000;

function service(net: Network, host: string): NodeService {
  const around: Surroundings = {
    clock: net.world.clock,
    tls: undefined,
    udp: undefined,
    http: undefined,
    connect: [],
    stop: () => {},
  };
  return new NodeService(net.get(host).node, around);
}

/** People in a channel as a node tells its user of them, by host, with the number of their devices. */
function peopleAt(net: Network, host: string, channel: string): string[] {
  const nameOf = (nodeId: string): string => net.all().find(({ identity }) => identity.nodeId === nodeId)?.host ?? nodeId;
  return membersTogether(service(net, host).members(channel))
    .map(({ person, nodes, shown: { role } }) => `${nameOf(person)}${role === undefined ? '' : `:${role}`} ${nodes.length}`)
    .sort();
}

/** Ben has a closed channel with ann, whose tablet has come along. */
async function inClosed(seed: string): Promise<{ net: Network; id: string }> {
  const net = await withTablet(seed);
  const { id } = await net.world.until(net.get('ben').node.channels.createClosed('hideout'));
  await invite(net, id, 'ben', 'ann');
  await net.world.runUntil(() => net.get('ben').node.channels.members(id).length === 3, {
    limitMs: 5 * MINUTE,
    what: 'that the tablet is in it',
  });
  return { net, id };
}

describe('a person with two devices', () => {
  it('is one member for a contact and for themselves, and is counted once', async () => {
    const { net, id } = await inClosed('people members');
    for (const host of ['ben', 'ann', 'tablet']) {
      await net.world.runUntil(() => net.get(host).node.channels.members(id).length === 3, { limitMs: MINUTE, what: `all at ${host}` });
      expect([host, peopleAt(net, host, id)]).toEqual([host, ['ann:member 2', 'ben:owner 1']]);
      expect(
        service(net, host)
          .channels()
          .map(({ members }) => members),
      ).toEqual([2, 2]);
    }
  });

  it('has a message with the first device that has it, and details tell of each', async () => {
    const { net, id } = await inClosed('people delivery');
    net.crash('tablet');
    await net.world.advance(5000);
    const { msgId } = await net.send('ben', id, 'to a person');
    await shows(net, 'to a person', 'ann');
    await net.world.advance(5000);
    const delivery = (await net.world.until(service(net, 'ben').message(id, msgId)))?.delivery;
    expect(delivery?.state).toBe('delivered');
    expect(delivery?.recipients.map(({ of }) => of?.device).sort()).toEqual(['tablet', undefined]);
    const people = recipientsTogether(delivery?.recipients ?? []);
    expect(people.map(({ person, shown, nodes }) => [person, shown.state, nodes.length])).toEqual([[net.idOf('ann'), 'delivered', 2]]);
    // Of one's own devices nothing is waited for.
    const own = await net.send('ann', id, 'from one of two');
    await shows(net, 'from one of two', 'ben');
    await net.world.advance(5000);
    const mine = (await net.world.until(service(net, 'ann').message(id, own.msgId)))?.delivery;
    expect(mine?.state).toBe('delivered');
    expect(recipientsTogether(mine?.recipients ?? []).map(({ person }) => person)).toEqual([net.idOf('ben')]);
    expect(net.errors()).toEqual([]);
  });

  it('is meant as a whole where somebody gives them a role, or sends them away', async () => {
    const { net, id } = await inClosed('people roles');
    const { closed } = service(net, 'ben');
    const roles = () =>
      net
        .get('ben')
        .node.channels.closed.members(id)
        .map(({ nodeId, role }) => `${nodeId === net.idOf('ben') ? 'ben' : 'ann'}:${role}`)
        .sort();
    await net.world.until(closed.setRole(id, 'ann', 'moderator'));
    expect(roles()).toEqual(['ann:moderator', 'ann:moderator', 'ben:owner']);
    await net.world.until(closed.setRole(id, net.idOf('ann'), 'owner'));
    expect(roles()).toEqual(['ann:moderator', 'ann:owner', 'ben:owner']);
    // By the name of a device only it is meant.
    await net.world.until(closed.setRole(id, 'tablet', 'member'));
    expect(roles()).toEqual(['ann:member', 'ann:owner', 'ben:owner']);
    await net.world.until(closed.remove(id, 'ann'));
    expect(roles()).toEqual(['ben:owner']);
  });

  it('is one for who hears of the device later, and two again once it is revoked', async () => {
    const net = await clients('people later', 'ann', 'ben', 'tablet', 'eve');
    const id = await net.channel('garden', 'ben', 'ann', 'tablet', 'eve');
    expect(peopleAt(net, 'ben', id)).toEqual(['ann 1', 'ben 1', 'eve 1', 'tablet 1']);
    const told: ApiEvent[] = [];
    const hub = new EventHub(net.get('ben').node, net.get('ben').ports.log);
    hub.subscribe((event) => told.push(event));
    await net.world.until(net.get('ann').node.contacts.add(net.get('ben').node.contacts.link));
    await net.world.runUntil(() => net.get('ben').node.contacts.list().length > 0, { limitMs: MINUTE });
    await net.world.until(net.get('ben').node.contacts.accept(net.get('ann').identity.keyId));
    await link(net, 'ann', 'tablet');
    await knows(net, 'ann', ['ann', 'tablet'], 'ben');
    await net.world.advance(1000);
    expect(peopleAt(net, 'ben', id)).toEqual(['ann 2', 'ben 1', 'eve 1']);
    expect(
      service(net, 'ben')
        .channels()
        .find((channel) => channel.id === id)?.members,
    ).toBe(3);
    const [first, tablet] = ['ann', 'tablet'].map((host) => net.idOf(host));
    const heard = told.findLast((event) => event.event === 'person' && event.person.node_id === tablet);
    expect(heard).toMatchObject({ person: { of: { node_id: first, device: 'tablet' } } });
    expect(told.some((event) => event.event === 'channel' && event.channel_id === id)).toBe(true);
    // A stranger hears of no list.
    expect(peopleAt(net, 'eve', id)).toEqual(['ann 1', 'ben 1', 'eve 1', 'tablet 1']);
    await net.world.until(net.get('ann').node.devices.revoke('tablet'));
    await knows(net, 'ann', ['ann'], 'ben');
    await net.world.advance(1000);
    expect(peopleAt(net, 'ben', id)).toEqual(['ann 1', 'ben 1', 'eve 1', 'tablet 1']);
    // It stands for itself alone: whoever holds it is not shown as the person, by whatever the user calls them, nor as being there when they are.
    await net.world.until(net.get('ben').node.contacts.rename('ann', 'Annie'));
    const shown = new Views(net.get('ben').node);
    expect(shown.person(first ?? '')).toMatchObject({ display: 'Annie' });
    expect(shown.person(tablet ?? '')).toMatchObject({ display: displayName('tablet', tablet ?? ''), of: { former: true } });
    expect(shown.person(tablet ?? '')).not.toHaveProperty('presence');
    // What a revoked device has is not what the person has.
    net.crash('ann');
    await net.world.advance(MINUTE);
    const { msgId } = await net.send('ben', id, 'not for thieves alone');
    await net.world.advance(MINUTE);
    const delivery = await net.world.until(net.get('ben').node.channels.delivery(msgId));
    expect(delivery?.recipients[tablet ?? '']?.state).toBe('delivered');
    expect(delivery?.state).not.toBe('delivered');
    hub.close();
  });
});
