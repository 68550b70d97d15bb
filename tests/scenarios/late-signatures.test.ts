import { describe, expect, it } from 'vitest';
import { invite, settled } from './lib/closed.ts';
import { knows, link } from './lib/devices.ts';
import { around, befriend } from './lib/friends.ts';
import { Network } from './lib/network.ts';
import { registered } from './lib/registry.ts';

const MINUTE = 60_000;
const EACH = 40;

const words = (host: string, from = 0): string[] => Array.from({ length: EACH }, (_, at) => `${host} ${from + at}`);

/** Everybody says all of that at once. */
async function talk(net: Network, id: (host: string) => string, said: ReadonlyMap<string, readonly string[]>): Promise<void> {
  const all = [...said].flatMap(([host, texts]) => texts.map((text) => net.get(host).node.channels.send(id(host), text)));
  await net.world.until(Promise.all(all));
}

/** Whether a node's user was shown all that others said, each once, in the order in which they said it. */
function heardAll(net: Network, host: string, said: ReadonlyMap<string, readonly string[]>): boolean {
  return [...said].every(([sender, texts]) => sender === host || net.textsFrom(host, sender).length >= texts.length);
}

function expectInOrder(net: Network, said: ReadonlyMap<string, readonly string[]>): void {
  for (const host of said.keys())
    for (const [sender, texts] of said) if (sender !== host) expect(net.textsFrom(host, sender), `${sender} at ${host}`).toEqual(texts);
  expect(net.errors()).toEqual([]);
}

/** As in a browser, or on a server with more to do than a core can: a signature takes longer to be checked than to arrive. */
describe('where signatures take their time', () => {
  it.each([2, 20, 200])('messages of all kinds come once and in order, with up to %i ms each', async (signatureMs) => {
    const net = new Network({ seed: `late ${signatureMs}`, signatureMs });
    const hosts = ['ann', 'ben', 'cat'];
    await around(net, hosts);
    const open = await net.channel('garden', 'ann', 'ben', 'cat');
    const { id: closed } = await net.world.until(net.get('ann').node.channels.createClosed('hideout'));
    for (const host of ['ben', 'cat']) await invite(net, closed, 'ann', host);
    await settled(net, closed, hosts);
    await befriend(net, 'ann', 'ben');
    const said = new Map(hosts.map((host) => [host, words(host)] as const));
    await talk(net, () => open, said);
    await net.world.runUntil(() => hosts.every((host) => heardAll(net, host, said)), { limitMs: 5 * MINUTE, what: 'all of the garden' });
    expectInOrder(net, said);

    for (const host of hosts) said.set(host, [...words(host), ...words(host, EACH)]);
    await talk(net, () => closed, new Map(hosts.map((host) => [host, words(host, EACH)] as const)));
    await net.world.runUntil(() => hosts.every((host) => heardAll(net, host, said)), { limitMs: 5 * MINUTE, what: 'all of the hideout' });
    expectInOrder(net, said);

    const direct = new Map([
      ['ann', [...(said.get('ann') ?? []), ...words('ann', 2 * EACH)]],
      ['ben', [...(said.get('ben') ?? []), ...words('ben', 2 * EACH)]],
    ] as const);
    await talk(
      net,
      (host) => (host === 'ann' ? '@ben' : '@ann'),
      new Map([
        ['ann', words('ann', 2 * EACH)],
        ['ben', words('ben', 2 * EACH)],
      ]),
    );
    await net.world.runUntil(() => [...direct.keys()].every((host) => heardAll(net, host, direct)), {
      limitMs: 5 * MINUTE,
      what: 'all between the two',
    });
    expectInOrder(net, direct);
  });

  it.each([20, 200])('devices come, are told of and go, with up to %i ms each', async (signatureMs) => {
    const net = new Network({ seed: `late devices ${signatureMs}`, signatureMs });
    const hosts = ['ann', 'ben', 'tablet'];
    await around(net, hosts);
    await befriend(net, 'ann', 'ben');
    await link(net, 'ann', 'tablet');
    await knows(net, 'ann', ['ann', 'tablet'], ...hosts);
    const said = new Map([
      ['ann', words('ann')],
      ['ben', words('ben')],
    ]);
    await talk(net, (host) => (host === 'ann' ? '@ben' : '@ann'), said);
    const others = hosts.filter((host) => host !== 'tablet');
    await net.world.runUntil(() => hosts.every((host) => heardAll(net, host, said)), { limitMs: 5 * MINUTE, what: 'all, on all devices' });
    expectInOrder(net, said);
    await net.world.until(net.get('ann').node.devices.revoke('tablet'));
    await knows(net, 'ann', ['ann'], ...others);
    await net.send('ben', '@ann', 'to ann alone');
    await net.world.runUntil(() => net.textsFrom('ann', 'ben').includes('to ann alone'), { limitMs: MINUTE });
    await net.world.advance(MINUTE);
    expect(net.texts('tablet')).not.toContain('to ann alone');
    expect(net.errors()).toEqual([]);
  });

  it.each([20, 200])('whoever looks finds the newest record of each, with up to %i ms each', async (signatureMs) => {
    const { net, servers } = await registered(`late records ${signatureMs}`, {
      servers: 12,
      signatureMs,
      config: () => ({ registry: { k: 4 } }),
    });
    const { world } = net;
    const publish = () => Promise.all(servers.map((host) => net.get(host).node.registry.publishNow()));
    await world.until(Promise.all([publish(), publish()]), { limitMs: MINUTE });
    const newest = await world.until(publish(), { limitMs: MINUTE });
    const found = servers.map((host, at) => net.get(servers.at(at - 5) ?? host).node.registry.find(net.idOf(host), { fresh: true }));
    const records = await world.until(Promise.all(found), { limitMs: MINUTE });
    expect(records.map((record) => record?.seq)).toEqual(newest);
    expect(net.errors()).toEqual([]);
  });

  it('nothing that was acknowledged is lost, and nothing shown twice, when recipient and server are killed over it', async () => {
    const net = new Network({ seed: 'late and killed', signatureMs: 20 });
    await around(net, ['ann', 'ben']);
    const id = await net.channel('garden', 'ann', 'ben');
    const said = new Map([['ann', words('ann')]]);
    await talk(net, () => id, said);
    for (const host of ['ben', 's', 'ben']) {
      await net.world.advance(15);
      net.crash(host);
      await net.world.advance(500);
      await net.restart(host);
    }
    await net.world.runUntil(() => heardAll(net, 'ben', said), { limitMs: 10 * MINUTE, what: 'all of it' });
    await net.world.advance(MINUTE);
    expect((await net.history('ben', id)).toSorted()).toEqual(words('ann').toSorted());
    expect(net.textsFrom('ben', 'ann').toSorted()).toEqual(words('ann').toSorted());
    expect(net.errors()).toEqual([]);
  });

  it('a node that is stopped meanwhile leaves nothing behind', async () => {
    const net = new Network({ seed: 'late and stopped', signatureMs: 200 });
    await around(net, ['ann', 'ben']);
    const id = await net.channel('garden', 'ann', 'ben');
    await talk(net, () => id, new Map([['ann', words('ann')]]));
    await net.world.advance(30);
    for (const host of ['ben', 's', 'ann']) expect(await net.stop(host), host).toBe(0);
    expect(net.errors()).toEqual([]);
  });
});
