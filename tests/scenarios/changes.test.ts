import { type ApiEvent, CHANNEL, changeWords, EventHub, NodeService, signJws, timestamp } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { clients, closedChannel, epochsOn, invite, settled } from './lib/closed.ts';
import { conversation, withTablet } from './lib/devices.ts';
import type { Network } from './lib/network.ts';

const MINUTE = 60_000;

function service(net: Network, host: string): NodeService {
  const around = { clock: net.world.clock, tls: undefined, udp: undefined, http: undefined, connect: [], stop: () => {} };
  return new NodeService(net.get(host).node, around);
}

/** What a node tells its user of changes of a conversation, in words; names without what tells those of one name apart. */
async function told(net: Network, host: string, channel: string): Promise<string[]> {
  const changes = await net.world.until(service(net, host).changes(channel));
  return changes.map((change) =>
    changeWords(change, (seconds) => `${seconds} s`)
      .map((piece) => (typeof piece === 'string' ? piece : 'person' in piece ? piece.person.display.split('#')[0] : piece.quoted))
      .join(''),
  );
}

const tells = (net: Network, host: string, channel: string, last: string): Promise<void> => {
  let now: string[] = [];
  const look = (): boolean => {
    void told(net, host, channel).then((all) => {
      now = all;
    });
    return now.at(-1) === last;
  };
  return net.world.runUntil(look, { limitMs: 2 * MINUTE, what: `that ${host} tells: ${last}` });
};

describe('the history of a closed channel', () => {
  it('tells its members who came, went, has another role, and what else was changed, also after a restart', async () => {
    const net = await clients('changes', 'ann', 'ben', 'cleo');
    const { world } = net;
    const id = await closedChannel(net, ['ann', 'ben', 'cleo']);
    const { channels } = net.get('ann').node;
    const events: ApiEvent[] = [];
    const hub = new EventHub(net.get('ben').node, net.get('ben').ports.log);
    hub.subscribe((event) => events.push(event));
    await world.until(channels.closed.setRole(id, net.idOf('ben'), 'moderator'));
    await tells(net, 'ben', id, 'ann made you a moderator');
    expect(events.some((event) => event.event === 'channel' && event.channel_id === id)).toBe(true);
    hub.close();
    await world.until(net.get('ben').node.channels.setTimer(id, 86_400));
    await world.until(channels.closed.settings(id, { name: 'council' }));
    // Who may not is refused, and nothing is told of it.
    await expect(world.until(net.get('cleo').node.channels.setTimer(id, 60))).rejects.toMatchObject({ code: 'refused' });
    await tells(net, 'cleo', id, 'ann renamed the channel to council');
    await world.until(net.get('ben').node.channels.closed.remove(id, net.idOf('cleo')));
    await tells(net, 'ann', id, 'ben removed cleo');
    const all = [
      'You invited ben',
      'ben joined',
      'You invited cleo',
      'cleo joined',
      'You made ben a moderator',
      'ben set messages to disappear after 86400 s',
      'You renamed the channel to council',
      'ben removed cleo',
    ];
    expect(await told(net, 'ann', id)).toEqual(all);
    for (const host of ['ann', 'ben']) {
      net.crash(host);
      await net.restart(host);
    }
    await world.runUntil(() => net.reaches('ann', 'ben'), { limitMs: MINUTE });
    expect(await told(net, 'ann', id)).toEqual(all);
    expect((await told(net, 'ben', id)).at(-1)).toBe('You removed cleo');
    expect(net.errors()).toEqual([]);
  });

  it('tells nothing that a member with a changed client says and may not, in its own name or in that of another', async () => {
    const net = await clients('changes hostile', 'ann', 'ben', 'cleo');
    const id = await closedChannel(net, ['ann', 'ben', 'cleo']);
    // Names are asked for where they are to be shown.
    await told(net, 'ben', id);
    const { node, identity } = net.get('cleo');
    const time = timestamp(net.world.clock.now());
    const ben = net.get('ben').identity.keyId;
    const own = [
      await signJws(identity, { channel_id: id, seconds: 60, time }, 'parley-timer'),
      await signJws(identity, { channel_id: id, member: ben, role: 'observer', time }, 'parley-role'),
    ];
    // Signed by cleo, with the key of ann in the head.
    const [head, ...rest] = (own[0] ?? '').split('.');
    const forged = { ...JSON.parse(atob(head ?? '')), kid: net.get('ann').identity.keyId };
    const asAnn = [Buffer.from(JSON.stringify(forged)).toString('base64url'), ...rest].join('.');
    const key = epochsOn(net, id, 'cleo').at(-1);
    if (!key) throw new Error('cleo has no key');
    for (const entries of [own, [asAnn]]) {
      const data = { channel: 'hideout', channel_id: id, members: [], entries };
      await net.world.until(node.overlay.sealed.send(CHANNEL, data, { key, channelId: id, recipients: [net.idOf('ben')] }));
      await net.world.advance(10_000);
    }
    const { metrics } = net.get('ben').node;
    expect([metrics.value('rejections', 'entry-without-effect'), metrics.value('rejections', 'entry-signature')]).toEqual([1, 1]);
    expect(await told(net, 'ben', id)).toEqual(['ann invited you', 'You joined', 'ann invited cleo', 'cleo joined']);
  });

  it('stays with whoever leaves or is sent away, up to that, also after a restart', async () => {
    const net = await clients('changes ended', 'ann', 'ben', 'cleo');
    const { world } = net;
    const id = await closedChannel(net, ['ann', 'ben', 'cleo']);
    await net.send('ann', id, 'for all');
    // Names are asked for where they are to be shown.
    service(net, 'cleo').members(id);
    await world.advance(10_000);
    await world.until(net.get('ben').node.channels.leave(id));
    await world.advance(10_000);
    await world.until(net.get('ann').node.channels.closed.remove(id, net.idOf('cleo')));
    await world.runUntil(() => !net.get('cleo').node.channels.isJoined(id), { limitMs: MINUTE, what: 'that cleo is out' });
    await world.until(net.get('ann').node.channels.setTimer(id, 60));
    await world.advance(10_000);
    const [his, hers] = [(await told(net, 'ben', id)).at(-1), await told(net, 'cleo', id)];
    expect(his).toBe('You left');
    expect(hers).toEqual(['ann invited you', 'You joined', 'ben left', 'ann removed you']);
    for (const host of ['ben', 'cleo']) {
      net.crash(host);
      await net.restart(host);
    }
    await world.advance(10_000);
    expect([(await told(net, 'ben', id)).at(-1), await told(net, 'cleo', id)]).toEqual([his, hers]);
    // Who is invited once more has all of it again.
    await invite(net, id, 'ann', 'cleo');
    await world.advance(10_000);
    expect((await told(net, 'cleo', id)).slice(3)).toEqual([
      'ann removed you',
      'ann set messages to disappear after 60 s',
      'ann invited you',
      'You joined',
    ]);
    expect(net.errors()).toEqual([]);
  });

  it('begins for a newcomer with their invitation', async () => {
    const net = await clients('changes newcomer', 'ann', 'ben', 'cleo');
    const id = await closedChannel(net, ['ann', 'ben']);
    await net.world.until(net.get('ann').node.channels.setTimer(id, 60));
    await invite(net, id, 'ann', 'cleo', 'observer');
    await settled(net, id, ['ann', 'ben', 'cleo']);
    // Names are asked for where they are to be shown.
    await told(net, 'cleo', id);
    await net.world.advance(10_000);
    expect(await told(net, 'cleo', id)).toEqual(['ann invited you as an observer', 'You joined']);
    expect(await told(net, 'ben', id)).toHaveLength(5);
  });

  it('tells nothing of the further devices of somebody, and of what these do as of the person', async () => {
    const net = await withTablet('changes devices');
    const { world } = net;
    const { id } = await world.until(net.get('ben').node.channels.createClosed('hideout'));
    await invite(net, id, 'ben', 'ann');
    await world.runUntil(() => net.get('ben').node.channels.members(id).length === 3, { limitMs: 5 * MINUTE, what: 'the tablet' });
    await world.until(net.get('ben').node.channels.closed.setRole(id, net.idOf('tablet'), 'moderator'));
    await world.advance(MINUTE);
    await world.until(net.get('tablet').node.channels.setTimer(id, 60));
    await tells(net, 'ben', id, 'ann set messages to disappear after 60 s');
    expect(await told(net, 'ben', id)).toEqual(['You invited ann', 'ann joined', 'ann set messages to disappear after 60 s']);
    const hers = ['ben invited you', 'You joined', 'You set messages to disappear after 60 s'];
    await tells(net, 'ann', id, hers[2] ?? '');
    expect([await told(net, 'ann', id), await told(net, 'tablet', id)]).toEqual([hers, hers]);
  });
});

describe('the history of a conversation of two', () => {
  it('tells both of the timer, on all devices, also after a restart', async () => {
    const net = await withTablet('changes direct');
    const id = conversation(net, 'ben', 'ann');
    await net.world.advance(MINUTE);
    for (const [host, seconds] of [
      ['ben', 60],
      ['tablet', 60],
      ['tablet', 3600],
      ['ann', 0],
    ] as const) {
      await net.world.until(net.get(host).node.channels.setTimer(conversation(net, host, host === 'ben' ? 'ann' : 'ben'), seconds));
      await net.world.advance(10_000);
    }
    const his = [
      'You set messages to disappear after 60 s',
      'ann set messages to disappear after 3600 s',
      'ann turned off disappearing messages',
    ];
    expect(await told(net, 'ben', id)).toEqual(his);
    const hers = [
      'ben set messages to disappear after 60 s',
      'You set messages to disappear after 3600 s',
      'You turned off disappearing messages',
    ];
    expect([await told(net, 'ann', '@ben'), await told(net, 'tablet', '@ben')]).toEqual([hers, hers]);
    net.crash('ben');
    await net.restart('ben');
    expect(await told(net, 'ben', id)).toEqual(his);
    expect(net.errors()).toEqual([]);
  });
});
