import { describe, expect, it } from 'vitest';
import { LinkLab, NOTE } from './lib/link-lab.ts';

describe('a neighbour that never reads', () => {
  it('costs bounded memory and is cut off', async () => {
    const lab = new LinkLab('mute-1');
    const server = await lab.listener('s', { config: { maxQueuedBytes: 1024 * 1024, shedBytes: 256 * 1024 } });
    const puppet = await lab.neighbour('p', server);
    puppet.connection.pause();
    const link = server.links.get(puppet.identity.nodeId);
    let most = 0;
    let sent = 0;
    while (link?.say(NOTE, { padding: 'x'.repeat(1000) }) && sent < 100_000) {
      most = Math.max(most, link.connection.queued);
      sent++;
    }
    expect(sent).toBeGreaterThan(1000);
    expect(most).toBeLessThan(1024 * 1024 + 2000);
    expect(server.metrics.value('rejections', 'queue-overflow')).toBe(1);
    expect(server.links.size).toBe(0);
    expect(server.downs.map(({ reason }) => reason)).toEqual(['its queue overflowed']);
    await lab.world.advance(1000);
    expect(lab.world.network.connections('p')).toHaveLength(0);
  });

  it('loses floods first, which is counted, and the link stays', async () => {
    const lab = new LinkLab('mute-2');
    const server = await lab.listener('s', { config: { holdBytes: 32 * 1024, shedBytes: 64 * 1024 } });
    const puppet = await lab.neighbour('p', server);
    puppet.connection.pause();
    const link = server.links.get(puppet.identity.nodeId);
    const json = JSON.stringify({ msg_type: 'SHOUT', msg_data: { padding: 'x'.repeat(1000) }, ttl: 1, flood: true });
    const sent = Array.from({ length: 1000 }, () => link?.send(json, 'broadcast'));
    expect(sent.filter(Boolean).length).toBeLessThan(500);
    expect(link?.send(json)).toBe(true);
    expect(server.metrics.value('shed', 'broadcast')).toBe(sent.filter((done) => !done).length);
    puppet.connection.resume();
    await lab.world.advance(2000);
    expect(link?.send(json, 'broadcast')).toBe(true);
    expect(server.links.size).toBe(1);
  });

  it('gets what is urgent before what was said earlier, and sheds what is least urgent', async () => {
    const lab = new LinkLab('mute-3');
    const server = await lab.listener('s', { config: { holdBytes: 8 * 1024, shedBytes: 20 * 1024 } });
    const puppet = await lab.neighbour('p', server);
    puppet.connection.pause();
    const link = server.links.get(puppet.identity.nodeId);
    const padding = 'x'.repeat(1000);
    const text = (msg_type: string) => JSON.stringify({ msg_type, msg_data: { padding }, ttl: 1, flood: false });
    // Until nothing more goes out.
    for (let i = 0; i < 300; i++) link?.send(text('FILL'));
    for (let i = 0; i < 10; i++) link?.send(text(`REGISTRY${i}`), 'registry');
    for (let i = 0; i < 5; i++) link?.send(text(`DISCOVERY${i}`), 'discovery');
    for (let i = 0; i < 10; i++) link?.send(text(`BROADCAST${i}`), 'broadcast');
    link?.send(text('DIRECT'));
    expect(server.metrics.value('shed', 'registry')).toBe(6);
    expect([server.metrics.value('shed', 'discovery'), server.metrics.value('shed', 'broadcast')]).toEqual([0, 0]);
    puppet.connection.resume();
    await lab.world.advance(10_000);
    const came = puppet.recorder.messages
      .map((json) => (JSON.parse(json) as { msg_type: string }).msg_type)
      .filter((type) => /\d|DIRECT/.test(type));
    expect(came).toEqual([
      'DIRECT',
      ...Array.from({ length: 10 }, (_, i) => `BROADCAST${i}`),
      ...Array.from({ length: 5 }, (_, i) => `DISCOVERY${i}`),
      ...['REGISTRY6', 'REGISTRY7', 'REGISTRY8', 'REGISTRY9'],
    ]);
  });
});

describe('a neighbour that sends too much of one kind', () => {
  it('is refused more of that, and nothing of the others', async () => {
    const lab = new LinkLab('kinds');
    const server = await lab.listener('s', {
      config: { clientRate: 100, burstSeconds: 1, kindShares: { broadcast: 0.5, discovery: 0.05, registry: 0.25, bulk: 0.1 } },
    });
    const puppet = await lab.neighbour('p', server, { attributes: { node_type: 'client' } });
    for (let i = 0; i < 20; i++) puppet.say('ROUTING', { node_id: puppet.identity.nodeId, nodes: [] });
    puppet.say(NOTE, {});
    await lab.world.advance(2000);
    const heard = (name: string): number => server.heard.filter(({ verb }) => verb === name).length;
    expect([heard('ROUTING'), heard('NOTE')]).toEqual([5, 1]);
    expect(server.metrics.value('traffic_refused', 'discovery')).toBe(15);
    expect(server.metrics.value('rejections', 'quota-link')).toBe(15);
  });
});

describe('silence', () => {
  it('is broken by keep-alives on both sides, for as long as both live', async () => {
    const lab = new LinkLab('silence-1');
    const server = await lab.listener('s');
    const client = await lab.party('c');
    await lab.linked(client, server);
    const before = lab.world.network.counters.frames;
    await lab.world.advance(10 * 60_000);
    const frames = lab.world.network.counters.frames - before;
    expect(server.links.size + client.links.size).toBe(2);
    // One each way in 15 s would be 80; answers to answers would never end.
    expect(frames).toBeGreaterThan(60);
    expect(frames).toBeLessThan(130);
  });

  it('of a neighbour whose machine lost its power ends the link after 45 s', async () => {
    const lab = new LinkLab('silence-2', { network: { stallTimeoutMs: 3_600_000 } });
    const server = await lab.listener('s');
    const client = await lab.party('c');
    await lab.linked(client, server);
    lab.world.crash('c', { silent: true });
    await lab.world.advance(44_000);
    expect(server.links.size).toBe(1);
    await lab.world.advance(4000);
    expect(server.links.size).toBe(0);
    expect(server.downs.map(({ reason }) => reason)).toEqual(['silent for too long']);
    expect(lab.world.network.connections('s')).toHaveLength(0);
  });

  it('of a connection that is only half open ends the link on both sides', async () => {
    const lab = new LinkLab('silence-3', { network: { stallTimeoutMs: 3_600_000 } });
    const server = await lab.listener('s');
    const client = await lab.party('c');
    await lab.linked(client, server);
    lab.world.network.breakConnections('c', 's', { silent: true });
    await lab.world.advance(50_000);
    expect([server.links.size, client.links.size]).toEqual([0, 0]);
  });

  it('of a hidden tab, which has no timers, is no reason: it answers', async () => {
    const lab = new LinkLab('silence-4');
    const server = await lab.listener('s');
    // Its own clock does not tick: it acts only on what comes.
    const tab = await lab.party('c', { relays: false });
    await lab.linked(tab, server);
    tab.ports.clock.stop();
    await lab.world.advance(5 * 60_000);
    expect(server.links.size).toBe(1);
    expect(tab.downs).toEqual([]);
  });

  it('of a neighbour that answers no keep-alive ends the link, though it reads', async () => {
    const lab = new LinkLab('silence-5');
    const server = await lab.listener('s');
    const puppet = await lab.neighbour('p', server);
    await lab.world.advance(50_000);
    expect(puppet.recorder.keepAlives).toBeGreaterThan(1);
    expect(puppet.ended).toBe(true);
    expect(server.links.size).toBe(0);
  });
});

describe('addresses', () => {
  it('have quotas: one host cannot take all places, and others still get in', async () => {
    const lab = new LinkLab('address-1');
    const server = await lab.listener('s', { config: { maxPerAddress: 3 } });
    const puppets = [];
    for (let i = 0; i < 5; i++) puppets.push(await lab.puppet('p', server, { as: `p${i}` }));
    await lab.world.advance(500);
    expect(puppets.map((puppet) => puppet.ended)).toEqual([false, false, false, true, true]);
    expect(server.metrics.value('rejections', 'address-quota')).toBe(2);
    const other = await lab.party('c');
    await lab.linked(other, server);
    // A place is free again once a connection ends.
    puppets[0]?.connection.close();
    await lab.world.advance(1000);
    const sixth = await lab.puppet('p', server, { as: 'p6' });
    await lab.world.advance(500);
    expect(sixth.ended).toBe(false);
  });

  it('are no loophole: so many at once may be opening, and so many open', async () => {
    const lab = new LinkLab('address-2');
    const server = await lab.listener('s', { config: { maxOpening: 2, maxLinks: 3 } });
    const ended = [];
    for (let i = 0; i < 4; i++) ended.push(await lab.puppet(`p${i}`, server));
    await lab.world.advance(500);
    expect(ended.map((puppet) => puppet.ended)).toEqual([false, false, true, true]);
    expect(server.metrics.value('rejections', 'opening-full')).toBe(2);
    await lab.world.advance(15_000);
    for (const host of ['a', 'b', 'c']) await lab.linked(await lab.party(host), server);
    const late = await lab.puppet('late', server);
    await lab.world.advance(500);
    expect(late.ended).toBe(true);
    expect(server.metrics.value('rejections', 'links-full')).toBe(1);
  });
});

describe('strangers who fill all places', () => {
  it('do not keep a node from whom it dials itself', async () => {
    const lab = new LinkLab('address-3');
    const server = await lab.listener('s', { config: { maxOpening: 2, maxLinks: 2 } });
    const friend = await lab.listener('friend');
    for (const host of ['a', 'b']) await lab.linked(await lab.party(host), server);
    await lab.linked(server, friend);
    const other = await lab.listener('other', { config: { maxOpening: 2 } });
    for (let i = 0; i < 3; i++) await lab.puppet(`p${i}`, other);
    await lab.linked(other, friend);
    expect(other.metrics.value('rejections', 'opening-full')).toBe(1);
  });
});

describe('clocks and endings', () => {
  it('names a clock that is wrong by more than a minute', async () => {
    const lab = new LinkLab('end-1');
    const server = await lab.listener('s');
    const late = await lab.party('a', { skewMs: -3_600_000 });
    const fine = await lab.party('b', { skewMs: 30_000 });
    await lab.linked(late, server);
    await lab.linked(fine, server);
    expect(server.skews.map((ms) => Math.round(ms / 1000))).toEqual([-3600]);
    expect(late.skews.map((ms) => Math.round(ms / 1000))).toEqual([3600]);
    expect(fine.skews).toEqual([]);
  });

  it('says BYE with a reason, which the other side reports', async () => {
    const lab = new LinkLab('end-2');
    const server = await lab.listener('s');
    const client = await lab.party('c');
    const { back } = await lab.linked(client, server);
    back.say(NOTE, { last: 'words' });
    server.links.close(back, 'for\ntea');
    await lab.world.runUntil(() => client.downs.length === 1);
    expect(client.downs[0]).toMatchObject({ reason: 'other side: for tea', replaced: false });
    expect(client.heard.map(({ data }) => data)).toEqual([{ last: 'words' }]);
    await lab.world.advance(10_000);
    expect(lab.world.network.connections('c', 's')).toHaveLength(0);
  });

  it('leaves no timer, no listener and no connection behind when a node ends', async () => {
    const lab = new LinkLab('end-3');
    const server = await lab.listener('s');
    const client = await lab.party('c');
    const { link } = await lab.linked(client, server);
    // In every state at once: open, opening, refused and parting, retired.
    await lab.puppet('silent', server);
    const bad = await lab.puppet('bad', server);
    bad.hello({ node_id: server.identity.nodeId });
    const twice = client.links.dial('memory', 's:4000');
    await lab.world.until(twice);
    const dialling = server.links.dial('memory', 'nowhere:4000').catch((error: Error) => error.message);
    link.say(NOTE, { last: true });
    await lab.world.until(server.links.shutdown());
    expect(await lab.world.until(dialling)).toBe('closed');
    await lab.world.until(client.links.shutdown());
    expect(lab.world.stopped('s')).toBe(0);
    expect(lab.world.stopped('c')).toBe(0);
    expect(client.downs.at(-1)?.reason).toBe('other side: going away');
    await lab.world.advance(1000);
    expect(lab.world.network.connections()).toHaveLength(0);
  });

  it('waits a second at most for neighbours that do not react', async () => {
    const lab = new LinkLab('end-4');
    const server = await lab.listener('s');
    const puppet = await lab.neighbour('p', server);
    puppet.connection.pause();
    const began = lab.world.clock.monotonic();
    await lab.world.until(server.links.shutdown());
    expect(lab.world.clock.monotonic() - began).toBeLessThanOrEqual(1000);
    expect(lab.world.stopped('s')).toBe(0);
  });

  it('takes no longer for hundreds of neighbours, nor on a machine on which each goodbye takes a while', async () => {
    const lab = new LinkLab('end-5');
    const server = await lab.listener('s');
    for (let i = 0; i < 200; i++) (await lab.neighbour(`p${i}`, server)).connection.pause();
    const { clock } = server.ports;
    const idle = clock.monotonic.bind(clock);
    let busy = 0;
    clock.monotonic = () => idle() + busy;
    server.links.tap = (_, verb, incoming) => {
      if (verb === 'BYE' && !incoming) busy += 25;
    };
    const began = clock.monotonic();
    await lab.world.until(server.links.shutdown());
    expect(clock.monotonic() - began).toBeLessThanOrEqual(1025);
    expect([server.downs.length, server.links.size]).toEqual([200, 0]);
    expect(lab.world.stopped('s')).toBe(0);
  });
});
