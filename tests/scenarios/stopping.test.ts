import { describe, expect, it } from 'vitest';
import { closedChannel } from './lib/closed.ts';
import { befriend } from './lib/friends.ts';
import { Network } from './lib/network.ts';

const SERVERS = ['127.0.0.1', '127.1.0.1', '127.2.0.1'];
const CLIENTS = ['ann', 'ben', 'cat', 'dan'];
/** Some of what a node may be busy with; all of it was tried with three hundred. */
const SEEDS = 20;
/** What is left to neighbours to hear the goodbye, and to the disk to write. */
const STOP_MS = 1500;

async function begin(seed: string): Promise<{ net: Network; channels: string[] }> {
  const net = new Network({ seed, conditions: { latencyMs: 30, jitterMs: 20 } });
  for (const host of SERVERS) await net.server(host, { udp: true });
  for (const host of CLIENTS) {
    await net.client(host);
    net.link(host, SERVERS[CLIENTS.indexOf(host) % 3] ?? '');
  }
  net.link('127.1.0.1', '127.0.0.1');
  net.link('127.2.0.1', '127.1.0.1');
  await net.world.runUntil(() => CLIENTS.every((a) => CLIENTS.every((b) => net.reaches(a, b))), { what: 'that all meet' });
  const open = await net.channel('lobby', ...(CLIENTS as [string, ...string[]]));
  const closed = await closedChannel(net, CLIENTS);
  await befriend(net, 'ann', 'ben');
  return { net, channels: [open, closed] };
}

/** What a node may be busy with when it is told to stop: all of it is cut short. */
async function something(net: Network, channels: readonly string[]): Promise<void> {
  const { random, network } = net.world;
  const host = random.pick([...SERVERS, ...CLIENTS]);
  const other = random.pick(CLIENTS);
  const { node } = net.get(host);
  const ignore = (): void => {};
  switch (random.integer(10)) {
    case 0:
      network.between(host, random.pick(SERVERS), { blocked: random.chance(0.7) });
      break;
    case 1:
      network.breakConnections(host, undefined, { silent: random.chance(0.5) });
      break;
    case 2:
      node.find(net.idOf(other)).catch(ignore);
      break;
    case 3:
      node.links.dial('memory', `${random.pick(SERVERS)}:4000`).catch(ignore);
      break;
    case 4:
      node.certificates.fetch(net.idOf(other));
      break;
    case 5:
      node.contacts.add(net.get(other).node.contacts.link).catch(ignore);
      break;
    case 6:
      node.presence.active();
      break;
    case 7:
      node.channels
        .createClosed('den', 'all')
        .then(({ id }) => node.channels.closed.invite(id, net.idOf(other), 'member'))
        .catch(ignore);
      break;
    default:
      node.channels.send(random.pick(channels), 'hello').catch(ignore);
  }
  await net.world.advance(random.integer(random.chance(0.3) ? 5000 : 300));
}

describe('a node that is busy', () => {
  it.each(Array.from({ length: SEEDS }, (_, i) => i))('stops at once: seed %i', async (seed) => {
    const { net, channels } = await begin(`stopping ${seed}`);
    for (let i = 0; i < 12; i++) await something(net, channels);
    const hosts = net.world.random.shuffle([...SERVERS, ...CLIENTS]);
    for (const host of hosts.slice(0, 4)) {
      const began = net.world.clock.monotonic();
      expect(await net.stop(host), host).toBe(0);
      expect(net.world.clock.monotonic() - began, host).toBeLessThan(STOP_MS);
    }
  });
});
