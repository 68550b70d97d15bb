import { type ApiEvent, EventHub, NodeService, silentLog } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { Network, type Participant } from './lib/network.ts';

const SOAK = process.env.PARLEY_SOAK !== undefined;
const SERVERS = ['s0', 's1', 's2'];
const CLIENTS = ['c0', 'c1', 'c2', 'c3'];
const EVERYBODY = [...SERVERS, ...CLIENTS];
/** No whole table makes up for news that was lost while it is looked. */
const OVERLAY = { routingFullMs: 60 * 60_000 };
const STEPS = 40;
/** Longer than it takes to dial again and to find a silent link dead, and than good news of one that came and went all the time is held back. */
const SETTLE_MS = 120_000;

/** What somebody who subscribed to the events of a node, and asks it now and then who is there, believes. */
class Watcher {
  readonly believed = new Map<string, boolean>();
  readonly #who: Participant;

  constructor(who: Participant) {
    this.#who = who;
    who.node.overlay.events.on('presence', ({ nodeId, present }) => this.believed.set(nodeId, present));
    this.ask();
  }

  ask(): void {
    const { overlay } = this.#who.node;
    for (const nodeId of overlay.destinations()) this.believed.set(nodeId, overlay.shows(nodeId));
  }
}

async function begin(seed: string): Promise<{ net: Network; watchers: Map<string, Watcher> }> {
  const net = new Network({ seed, conditions: { latencyMs: 20, jitterMs: 30 } });
  const { random, network } = net.world;
  const config = { overlay: OVERLAY, registry: { listed: false } };
  for (const host of SERVERS) await net.server(host, config);
  for (const host of CLIENTS) await net.client(host, config);
  for (const a of EVERYBODY) for (const b of SERVERS) if (random.chance(0.5)) network.between(a, b, { latencyMs: 1 + random.integer(300) });
  net.link('s1', 's0');
  net.link('s2', 's1');
  if (random.chance(0.5)) net.link('s0', 's2');
  if (random.chance(0.5)) net.link('s0', 's1');
  for (const host of CLIENTS) {
    const [first = '', second = ''] = random.shuffle(SERVERS);
    net.link(host, first);
    if (random.chance(0.3)) net.link(host, second);
  }
  const watchers = new Map(EVERYBODY.map((host) => [host, new Watcher(net.get(host))]));
  await net.world.advance(random.integer(8000));
  return { net, watchers };
}

/** Nodes stop, break down, come back and dial again, at any moment. */
async function upheaval(net: Network, watchers: Map<string, Watcher>): Promise<void> {
  const { random, network } = net.world;
  for (let step = 0; step < STEPS; step++) {
    const host = random.pick(EVERYBODY);
    const turn = random.number();
    if (!net.isRunning(host)) {
      await net.restart(host);
      watchers.set(host, new Watcher(net.get(host)));
    } else if (turn < 0.2) {
      await net.stop(host);
      watchers.delete(host);
    } else if (turn < 0.3) {
      net.crash(host, { silent: random.chance(0.3) });
      watchers.delete(host);
    } else if (turn < 0.5) network.breakConnections(host, undefined, { silent: random.chance(0.2) });
    else if (turn < 0.8) {
      // One more link with the same neighbour: one of the two has to go.
      const other = random.pick(SERVERS);
      if (other !== host)
        net
          .get(host)
          .node.links.dial('memory', `${other}:4000`)
          .catch(() => {});
    } else watchers.get(host)?.ask();
    await net.world.advance(random.chance(0.5) ? random.integer(400) : random.integer(3000));
    if (random.chance(0.5)) watchers.get(random.pick(EVERYBODY))?.ask();
  }
}

/** Where the routes end up is the question of other scenarios: what is told is what the routes say. */
function differences(net: Network, watchers: Map<string, Watcher>): string[] {
  const found: string[] = [];
  for (const [host, { believed }] of watchers) {
    for (const other of EVERYBODY) {
      if (other === host) continue;
      const nodeId = net.idOf(other);
      const there = net.isRunning(other);
      const told = believed.get(nodeId) ?? false;
      const reached = net.reaches(host, other);
      if (told !== reached) found.push(`${host} tells ${other} ${told}, and reaches it ${reached}`);
      if (reached && !there) found.push(`${host} reaches ${other}, which is gone`);
      if (!reached && there && SERVERS.every((server) => net.isRunning(server)))
        found.push(`${host} does not reach ${other}, which is there`);
    }
  }
  return found;
}

describe('whoever was told that a node is there', () => {
  /** The last of these found what was wrong once; `npm run soak` tries many more. */
  const seeds = SOAK ? Array.from({ length: 3000 }, (_, i) => i) : [...Array(20).keys(), 24, 87, 105, 113, 168, 183, 530];
  it.each(seeds)('is told when it is gone, and when it is back: seed %i', async (seed) => {
    const { net, watchers } = await begin(`gone ${seed}`);
    await upheaval(net, watchers);
    await net.world.advance(SETTLE_MS);
    expect(differences(net, watchers).join('; ')).toBe('');
  });
});

/** What a page shows of a node: what it was answered, and what it was told since. */
class Page {
  present: boolean | undefined;
  readonly #service: NodeService;
  readonly #nodeId: string;

  constructor(net: Network, host: string, nodeId: string) {
    const { node, ports } = net.get(host);
    this.#nodeId = nodeId;
    this.#service = new NodeService(node, {
      clock: ports.clock,
      tls: undefined,
      udp: undefined,
      http: undefined,
      connect: [],
      stop: () => {},
    });
    new EventHub(node, silentLog).subscribe((event: ApiEvent) => {
      if (event.event === 'presence' && event.person.node_id === nodeId) this.present = event.person.present;
    });
  }

  load(channel: string): void {
    this.present = this.#service.members(channel).find(({ node_id }) => node_id === this.#nodeId)?.present;
  }
}

describe('a page', () => {
  it('that is loaded while somebody comes and goes at once does not show them for ever', async () => {
    const net = new Network({ seed: 'page' });
    await net.server('s');
    // So that the news of going overtakes that of coming.
    await net.client('ann', { overlay: { routingDelayMs: 2000 } });
    await net.client('ben');
    for (const host of ['ann', 'ben']) net.link(host, 's');
    const lobby = await net.channel('lobby', 'ann', 'ben');
    const page = new Page(net, 'ann', net.idOf('ben'));
    net.crash('ben');
    await net.world.advance(20_000);
    await net.restart('ben');
    await net.world.runUntil(() => net.reaches('ann', 'ben'));
    page.load(lobby);
    net.crash('ben');
    await net.world.advance(20_000);
    expect(page.present).toBe(false);
    await net.restart('ben');
    await net.world.runUntil(() => page.present === true, { what: 'that the page shows ben' });
  });
});

describe('a node whose disk is full', () => {
  it('ends as others do: it says goodbye, and leaves nothing behind', async () => {
    const net = new Network({ seed: 'full' });
    const { node } = await net.server('127.0.0.1', { udp: true });
    await net.server('127.0.0.2', { udp: true });
    await net.world.until(node.rejoin.start());
    net.link('127.0.0.2', '127.0.0.1');
    // At once: where its neighbour listens it has not written yet.
    await net.world.runUntil(() => net.reaches('127.0.0.2', '127.0.0.1'));
    net.world.drive('127.0.0.1').fail('storage-full', Number.POSITIVE_INFINITY);
    await expect(net.world.until(node.close())).rejects.toMatchObject({ code: 'storage-full' });
    await net.world.runUntil(() => !net.reaches('127.0.0.2', '127.0.0.1'), { limitMs: 2000, what: 'that the other knows' });
    expect(net.world.stopped('127.0.0.1')).toBe(0);
  });
});
