import { aboutFile } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { ANN, BEN, friends, MINUTE, shows } from './lib/circuits.ts';
import { content, MIB, read, same, until } from './lib/file-scene.ts';
import type { Network } from './lib/network.ts';
import { hostOf } from './lib/registry.ts';

const SECOND = 1000;
const KIB = 1024;

/** Ten pictures at once, each about as large as one may be that goes by circuit. Resolves with how many circuits were begun. */
async function pictures(net: Network): Promise<number> {
  let begun = 0;
  net.world.network.onFrame(({ kind, bytes, from }) => {
    if (kind === 'message' && from === ANN && Buffer.from(bytes).includes('"CIRCUIT_OPEN"')) begun++;
    return undefined;
  });
  const picture = (i: number) => {
    const attachment = { name: 'a.bin', type: 'application/octet-stream', bytes: content(140_000) };
    return net.get(ANN).node.channels.send(`@${BEN}`, `picture ${i}`, { attachments: [attachment] });
  };
  await net.world.until(Promise.all(Array.from({ length: 10 }, (_, i) => picture(i))));
  await shows(net, BEN, 10, 2 * MINUTE);
  expect(new Set(net.texts(BEN)).size).toBe(10);
  return begun;
}

describe('what is much goes by circuit as fast as its links are', () => {
  it('where the own one is slow', async () => {
    const { net } = await friends('slow uplink');
    for (const server of [1, 2]) net.world.network.oneWay(ANN, hostOf(server), { bytesPerSecond: 100 * KIB });
    expect(await pictures(net)).toBeLessThan(3);
  });

  it('where those between servers are slow', async () => {
    const { net, servers } = await friends('slow servers');
    for (const one of servers)
      for (const other of servers) if (one !== other) net.world.network.oneWay(one, other, { bytesPerSecond: 500 * KIB });
    expect(await pictures(net)).toBeLessThan(3);
  });

  it('where it is a file', async () => {
    const { net, id } = await friends('file');
    for (const host of [ANN, BEN])
      for (const server of [1, 2, 3, 4]) net.world.network.oneWay(host, hostOf(server), { bytesPerSecond: 500 * KIB });
    const bytes = content(2 * MIB);
    net.world.files(ANN).place('/f.bin', bytes);
    const { files, channels } = net.get(ANN).node;
    const file = { ...(await net.world.until(files.offer('/f.bin', id))), type: 'application/octet-stream' };
    const { attachments } = await net.world.until(channels.send(id, 'a file', { attachments: [file] }));
    const about = attachments[0] && aboutFile(attachments[0]);
    if (!about) throw new Error('no file');
    await until({ net, id }, BEN, about, 'here');
    expect(same(await read({ net, id }, BEN, about), bytes)).toBe(true);
  });
});

describe('a node that ends', () => {
  for (const what of ['send', 'seek'] as const)
    for (const ms of [5, 20, 60, 90])
      it(`ends while circuits are being made: ${what}, after ${ms} ms`, async () => {
        const { net, servers } = await friends(`stop ${ms}`);
        await net.world.advance(12 * MINUTE);
        const { channels, circuits } = net.get(ANN).node;
        const begun = what === 'send' ? channels.send(`@${BEN}`, 'x') : circuits.seek(net.idOf(servers[4] as string), 'record');
        begun.catch(() => undefined);
        await net.world.advance(ms);
        expect(await net.stop(ANN)).toBe(0);
      });
});

describe('circuits that end with the links of their maker', () => {
  it('keep no message waiting once there are links again, however often that was', async () => {
    const { net } = await friends('train', { servers: 8, client: { circuits: { freshMs: 5000 } } });
    await net.world.advance(MINUTE);
    const { node } = net.get(ANN);
    let cuts = 0;
    let linkedAt = 0;
    const seen = new Set<number>();
    const cut = (): void => {
      cuts++;
      net.world.network.partition([[ANN]]);
      for (const link of node.links.all()) node.links.close(link, 'gone');
      net.world.clock.after(20 * SECOND, () => net.world.network.heal());
    };
    node.circuits.events.on('changed', () => {
      const made = node.circuits.status().circuits.filter(({ destination, ageMs }) => destination === net.idOf(BEN) && ageMs < 2000);
      for (const { ageMs } of made) {
        const madeAt = net.world.clock.monotonic() - ageMs;
        if (seen.has(madeAt) || cuts === 7) continue;
        seen.add(madeAt);
        cut();
      }
    });
    node.links.events.on('up', () => {
      linkedAt = net.world.clock.monotonic();
    });
    await net.world.until(node.channels.send(`@${BEN}`, 'word'));
    await shows(net, BEN, 1, 60 * MINUTE);
    expect(cuts).toBe(7);
    expect(net.world.clock.monotonic() - linkedAt).toBeLessThan(30 * SECOND);
  });

  it('while they are being made are no reason to avoid the server at the other end', async () => {
    const { net } = await friends('lost while made', { client: { circuits: { freshMs: 1000 } } });
    await net.world.advance(MINUTE);
    const { node } = net.get(ANN);
    const firsts: string[] = [];
    net.world.network.onFrame(({ kind, bytes, from, to }) => {
      if (kind !== 'message' || from !== ANN || JSON.parse(Buffer.from(bytes).toString()).msg_type !== 'CIRCUIT_OPEN') return undefined;
      if (firsts.push(to) > 1) return undefined;
      const link = node.links.all().find(({ peer }) => peer.nodeId === net.idOf(to));
      if (link) net.world.clock.after(1, () => node.links.close(link, 'gone'));
      return undefined;
    });
    for (let message = 1; message <= 20; message++) {
      await net.world.until(node.channels.send(`@${BEN}`, `word ${message}`));
      await shows(net, BEN, message, 5 * MINUTE);
      await net.world.advance(5 * SECOND);
    }
    const [lost, ...later] = firsts;
    expect(later.length).toBeGreaterThan(15);
    expect(later).toContain(lost);
  });
});
