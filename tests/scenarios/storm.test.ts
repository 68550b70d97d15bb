import { describe, expect, it } from 'vitest';
import { Network } from './lib/network.ts';

const SERVERS = 40;
const CLIENTS = 160;

describe('200 nodes in a random network', () => {
  it('show everybody every message under 5 % loss, 10 % churn and a partition that heals', async () => {
    const net = new Network({ seed: 'storm-1', conditions: { latencyMs: 20, jitterMs: 20 } });
    const { world } = net;
    const { random } = world;
    const t0 = Date.now();
    const mark = (what: string) =>
      console.log(
        `${((Date.now() - t0) / 1000).toFixed(1)} s real, ${(world.clock.monotonic() / 1000).toFixed(1)} s virtual, ${world.clock.events} events, ${world.network.counters.frames} frames ${(world.network.counters.bytes / 1e6).toFixed(0)} MB: ${what}`,
      );
    const servers = Array.from({ length: SERVERS }, (_, i) => `s${i}`);
    const clients = Array.from({ length: CLIENTS }, (_, i) => `c${i}`);
    for (const host of servers) await net.server(host);
    for (const host of clients) await net.client(host);
    // A random tree holds the servers together; chords make it a random graph. Each client has two servers.
    for (let i = 1; i < SERVERS; i++) net.link(`s${i}`, `s${random.integer(i)}`);
    for (let i = 0; i < SERVERS; i++) {
      const other = random.integer(SERVERS);
      if (other !== i) net.link(`s${i}`, `s${other}`);
    }
    for (const host of clients) for (const server of random.shuffle(servers).slice(0, 2)) net.link(host, server);
    mark('built');
    const everybody = [...servers, ...clients];
    await world.runUntil(() => everybody.every((host) => net.get(host).node.overlay.destinations().length >= everybody.length - 1), {
      everyMs: 250,
      limitMs: 60_000,
      what: 'routes',
    });
    mark('routes');
    const { id } = await world.until(net.get('c0').node.channels.create('lobby'));
    await world.runUntil(() => everybody.every((host) => net.knows(host, id)), { everyMs: 250, what: 'channel known' });
    await world.until(
      Promise.all(
        everybody
          .slice()
          .filter((host) => host !== 'c0')
          .map((host) => net.get(host).node.channels.join(id)),
      ),
    );
    mark('joined');
    await world.runUntil(() => everybody.every((host) => net.get(host).node.channels.members(id).length >= everybody.length), {
      everyMs: 250,
      limitMs: 120_000,
      what: 'members',
    });
    mark('members');
    await world.advance(10_000);
    mark('settled');

    world.network.set({ drop: 0.05 });
    const sent: string[] = [];
    const say = (host: string): void => {
      if (!net.isRunning(host)) return;
      const text = `${host} says ${sent.length}`;
      net
        .get(host)
        .node.channels.send(id, text)
        .then(
          () => sent.push(text),
          () => {},
        );
    };
    for (let i = 0; i < 60; i++) {
      say(random.pick(everybody));
      await world.advance(100);
    }
    mark('drop');
    const churned = random.shuffle(everybody).slice(0, 20);
    for (const host of churned) net.crash(host, { silent: random.chance(0.5) });
    for (let i = 0; i < 60; i++) {
      say(random.pick(everybody));
      await world.advance(100);
    }
    for (const host of churned) await net.restart(host);
    mark('churned');
    const half = random.shuffle(everybody).slice(0, 100);
    world.network.partition([half]);
    for (let i = 0; i < 60; i++) {
      say(random.pick(everybody));
      await world.advance(500);
    }
    world.network.heal();
    mark('partitioned');
    const shownAll = (host: string): boolean => new Set(net.texts(host)).size >= sent.length;
    try {
      await world.runUntil(() => everybody.every(shownAll), { everyMs: 1000, limitMs: 600_000, what: 'everybody was shown everything' });
    } catch (error) {
      console.log(
        String(error),
        everybody.filter((h) => !shownAll(h)).map((h) => `${h} ${new Set(net.texts(h)).size}`),
      );
    }
    mark('converged');
    for (const host of everybody) {
      const texts = net.texts(host);
      expect(texts.length).toBe(new Set(texts).size);
    }
    expect(net.errors()).toEqual([]);
  }, 600_000);
});
