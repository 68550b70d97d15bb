import { describe, expect, it } from 'vitest';
import { Network } from './lib/network.ts';

/** `npm run soak` takes the whole size: what each node hears of all others grows with the square of it. */
const SOAK = process.env.PARLEY_SOAK !== undefined;
const SERVERS = SOAK ? 40 : 12;
const CLIENTS = SOAK ? 160 : 48;
/** Messages in each part of the storm. */
const MESSAGES = 20;
const CHURN = (SERVERS + CLIENTS) / 10;

const names = (letter: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${letter}${i}`);

/** Servers in a random tree with as many chords, and clients with two servers each; all in one channel. */
async function begin(): Promise<{ net: Network; everybody: string[]; lobby: string }> {
  const net = new Network({ seed: 'storm-1', conditions: { latencyMs: 20, jitterMs: 20 } });
  const { world } = net;
  const { random } = world;
  const servers = names('s', SERVERS);
  const clients = names('c', CLIENTS);
  const everybody = [...servers, ...clients];
  // Records have scenarios of their own, and 200 nodes that publish them at each change of links take half as long again.
  const unlisted = { registry: { listed: false } };
  for (const host of servers) await net.server(host, unlisted);
  for (const host of clients) await net.client(host, unlisted);
  for (let i = 1; i < SERVERS; i++) net.link(`s${i}`, `s${random.integer(i)}`);
  for (let i = 0; i < SERVERS; i++) {
    const other = random.integer(SERVERS);
    if (other !== i) net.link(`s${i}`, `s${other}`);
  }
  for (const host of clients) for (const server of random.shuffle(servers).slice(0, 2)) net.link(host, server);
  const all = (holds: (host: string) => boolean) => () => everybody.every(holds);
  const every = { everyMs: 250, limitMs: 120_000 };
  await world.runUntil(
    all((host) => net.get(host).node.overlay.destinations().length >= everybody.length - 1),
    { ...every, what: 'that all reach all' },
  );
  const { id } = await world.until(net.get('c0').node.channels.create('lobby'));
  await world.runUntil(
    all((host) => net.knows(host, id)),
    { ...every, what: 'that all know the channel' },
  );
  await world.until(Promise.all(everybody.slice().map((host) => net.get(host).node.channels.join(id))));
  await world.runUntil(
    all((host) => net.get(host).node.channels.members(id).length >= everybody.length),
    { ...every, what: 'that all know all members' },
  );
  await world.advance(10_000);
  return { net, everybody, lobby: id };
}

describe(`${SERVERS + CLIENTS} nodes in a random network`, () => {
  it('show everybody every message, once, under 5 % loss, 10 % churn and a partition that heals', async () => {
    const { net, everybody, lobby } = await begin();
    const { world } = net;
    const { random } = world;
    // Harsher than any real link: whole frames vanish.
    world.network.set({ drop: 0.05 });
    const acknowledged: string[] = [];
    const say = async (everyMs: number): Promise<void> => {
      for (let i = 0; i < MESSAGES; i++) {
        const host = random.pick(everybody);
        const text = `${host} at ${world.clock.monotonic()}`;
        if (net.isRunning(host)) {
          net
            .get(host)
            .node.channels.send(lobby, text)
            .then(
              () => acknowledged.push(text),
              () => {},
            );
        }
        await world.advance(everyMs);
      }
    };
    await say(100);
    const churned = random.shuffle(everybody).slice(0, CHURN);
    for (const host of churned) net.crash(host, { silent: random.chance(0.5) });
    await say(100);
    for (const host of churned) await net.restart(host);
    world.network.partition([random.shuffle(everybody).slice(0, everybody.length / 2)]);
    await say(500);
    world.network.heal();
    const isDone = (host: string): boolean => new Set(net.texts(host)).size >= acknowledged.length;
    await world.runUntil(() => everybody.every(isDone), { everyMs: 1000, limitMs: 600_000, what: 'that everybody was shown everything' });
    expect(acknowledged.length).toBeGreaterThan(2 * MESSAGES);
    for (const host of everybody) {
      const texts = net.texts(host);
      expect(texts.length, host).toBe(new Set(texts).size);
      expect(new Set(texts), host).toEqual(new Set(acknowledged));
    }
  });
});
