import { ParleyError } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { ANN, BEN, delivered, friends, MINUTE, scene, shows } from './lib/circuits.ts';
import { content } from './lib/file-scene.ts';
import type { Network } from './lib/network.ts';
import { hostOf } from './lib/registry.ts';

/** What a host has sent since, by verb. */
function sentBy(net: Network, host: string): Record<string, number> {
  const counts: Record<string, number> = { CIRCUIT_OPEN: 0, CELL: 0 };
  net.world.network.onFrame(({ kind, bytes, from }) => {
    if (kind !== 'message' || from !== host) return undefined;
    const { msg_type: verb } = JSON.parse(Buffer.from(bytes).toString());
    counts[verb] = (counts[verb] ?? 0) + 1;
    return undefined;
  });
  return counts;
}

const attachment = (bytes: number) => ({ name: 'a.bin', type: 'application/octet-stream', bytes: content(bytes) });

describe('circuits are not made one after another', () => {
  it('for a message that is too large for them: it waits for catch-up', async () => {
    const { net } = await friends('large');
    const sent = sentBy(net, ANN);
    net.crash(BEN);
    await net.world.advance(1000);
    await net.world.until(net.get(ANN).node.channels.send(`@${BEN}`, 'z'.repeat(60_000), { attachments: [attachment(256 * 1024)] }));
    await net.world.advance(5 * MINUTE);
    expect(sent.CIRCUIT_OPEN).toBeLessThan(5);
  });

  it('where all last hops refuse, and the message goes once they do not, at once when the user asks for other circuits', async () => {
    for (const asks of [true, false]) {
      const { net, servers } = await friends('refused');
      const overlays = servers.map((host) => net.get(host).node.overlay);
      const entrust = overlays.map((overlay) => overlay.entrust);
      for (const overlay of overlays) overlay.entrust = () => Promise.reject(new ParleyError('quota', 'no room'));
      const sent = sentBy(net, ANN);
      await net.send(ANN, `@${BEN}`, 'hello');
      await net.world.advance(10 * MINUTE);
      expect(sent.CIRCUIT_OPEN).toBeGreaterThan(1);
      expect(sent.CIRCUIT_OPEN).toBeLessThan(20);
      expect(net.texts(BEN)).toEqual([]);
      for (const [i, overlay] of overlays.entries()) overlay.entrust = entrust[i] as typeof overlay.entrust;
      if (asks) await net.world.until(net.get(ANN).node.settings.set({ circuits: 2 }));
      await shows(net, BEN, 1, asks ? MINUTE : 15 * MINUTE);
    }
  });

  it('where the first hop ends each as soon as it stands', async () => {
    const { net } = await friends('ended');
    await net.world.advance(11 * MINUTE);
    const sent = sentBy(net, ANN);
    const cells = new Map<number, number>();
    net.world.network.onFrame(({ kind, bytes, from }) => {
      if (kind !== 'message' || from !== ANN) return undefined;
      const text = Buffer.from(bytes).toString();
      const { msg_type: verb, msg_data: data } = JSON.parse(text);
      if (verb !== 'CELL') return undefined;
      const count = (cells.get(data.circuit) ?? 0) + 1;
      cells.set(data.circuit, count);
      return count > 2 ? { alter: text.replace(/"cell":"..../, '"cell":"AAAA') } : undefined;
    });
    await net.send(ANN, `@${BEN}`, 'hello');
    await net.world.advance(10 * MINUTE);
    expect(sent.CIRCUIT_OPEN).toBeLessThan(30);
  });

  it('where they are slow: each link of one takes 400 ms', async () => {
    const { net } = await friends('slow');
    net.world.network.set({ latencyMs: 400 });
    await net.world.advance(11 * MINUTE);
    const sent = sentBy(net, ANN);
    const { msgId } = await net.send(ANN, `@${BEN}`, 'patience');
    await shows(net, BEN, 1);
    await delivered(net, msgId);
    expect(sent.CIRCUIT_OPEN).toBeLessThan(5);
  });

  it('where it takes half a minute to send what is to be said', async () => {
    const { net } = await friends('uplink');
    for (const server of [1, 2]) net.world.network.oneWay(ANN, hostOf(server), { bytesPerSecond: 12 * 1024 });
    const sent = sentBy(net, ANN);
    const { msgId } = await net.world.until(
      net.get(ANN).node.channels.send(`@${BEN}`, 'a picture', { attachments: [attachment(100_000)] }),
    );
    await shows(net, BEN, 1, 5 * MINUTE);
    await delivered(net, msgId);
    expect(sent.CELL).toBeLessThan(250);
  });
});

describe('which hops are taken', () => {
  // ann's neighbours are the first two servers. The first is hostile, and so are the last two of ten.
  it('is not for a hostile first hop to say, by not going on to any but its friends', async () => {
    const { net } = await friends('capture', { servers: 10, client: { circuits: { freshMs: 10_000 } } });
    const evil = hostOf(1);
    const friendly = [hostOf(9), hostOf(10)];
    const gang = new Set([evil, ...friendly].map((host) => net.idOf(host)));
    net.world.network.onFrame(({ kind, bytes, from, to }) => {
      if (kind !== 'message' || from !== evil || friendly.includes(to)) return undefined;
      return Buffer.from(bytes).toString().includes('"CIRCUIT_OPEN"') ? { drop: true } : undefined;
    });
    const seen = new Map<string, boolean>();
    for (let i = 0; i < 60; i++) {
      await net.send(ANN, `@${BEN}`, `word ${i}`);
      await net.world.advance(15_000);
      // The first ones show ann whom to doubt.
      if (i < 15) continue;
      const circuits = net.get(ANN).node.circuits.status().circuits;
      for (const { hops, ageMs } of circuits) {
        const madeAt = Math.round((net.world.clock.monotonic() - ageMs) / 1000);
        seen.set(
          `${hops.join()} ${madeAt}`,
          hops.every((hop) => gang.has(hop)),
        );
      }
    }
    const captured = [...seen.values()].filter((isCaptured) => isCaptured).length;
    expect(seen.size).toBeGreaterThan(20);
    // By chance one in 56; without doubting the one that was always there, 21 of 54.
    expect(captured / seen.size).toBeLessThan(0.15);
  });

  it('is others for a lookup when the last one says nothing', async () => {
    const { net, servers } = await scene('silent lookups', { servers: 8 });
    const { node } = net.get(ANN);
    await net.world.until(node.find(net.idOf(BEN)));
    const [, middle, exit] = node.circuits.status().circuits.find(({ destination }) => destination === '')?.hops ?? [];
    net.world.network.onFrame(({ kind, bytes, from, to }) => {
      if (kind !== 'message' || net.idOf(from) !== exit || net.idOf(to) !== middle) return undefined;
      return Buffer.from(bytes).toString().includes('"CELL"') ? { drop: true } : undefined;
    });
    for (const server of servers.slice(0, 3)) {
      const found = await net.world.until(node.circuits.seek(net.idOf(server), 'record'));
      expect(found).toBeInstanceOf(Uint8Array);
    }
  });

  it('is not told by a lookup for somebody who is away, after which others are found as before', async () => {
    const { net, servers } = await scene('away certificate', { servers: 8 });
    const { node } = net.get(ANN);
    await net.world.until(node.find(net.idOf(BEN)));
    net.crash(BEN);
    await net.world.advance(MINUTE);
    for (let i = 0; i < 4; i++) {
      await net.world.until(node.circuits.seek(net.idOf(BEN), 'certificate'));
      expect(await net.world.until(node.circuits.seek(net.idOf(servers[4] as string), 'record'))).toBeInstanceOf(Uint8Array);
    }
  });

  it('are none when the user turns circuits off while one is being made', async () => {
    const { net } = await friends('to none');
    await net.world.advance(12 * MINUTE);
    const { node } = net.get(ANN);
    const seeking = node.circuits.seek(net.idOf(hostOf(5)), 'record');
    await net.world.advance(30);
    await net.world.until(node.settings.set({ circuits: 0 }));
    await net.world.until(seeking);
    expect(node.circuits.status().circuits).toEqual([]);
  });
});
