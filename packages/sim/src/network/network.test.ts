import type { Connection } from '@parley/core';
import type { MemoryNetwork } from '@parley/sim';
import { describe, expect, it } from 'vitest';
import { connected, makeNetwork, never, numbers } from './testing.ts';

describe('dialling', () => {
  it('takes two round trips', async () => {
    const { clock, network } = makeNetwork({ latencyMs: 30 });
    await network.transport('b').listen('b:1', () => {});
    await clock.until(network.transport('a').dial('b:1', never));
    expect(clock.monotonic()).toBeCloseTo(120);
  });

  it('is refused after a round trip where nobody listens', async () => {
    const { clock, network } = makeNetwork({ latencyMs: 30 });
    network.host('b');
    await expect(clock.until(network.transport('a').dial('b:1', never))).rejects.toMatchObject({ code: 'refused' });
    expect(clock.monotonic()).toBeCloseTo(60);
  });

  it.each([
    ['an unknown host', () => {}],
    ['a host without power', (network: MemoryNetwork) => network.crash('b', { silent: true })],
    ['a host across a partition', (network: MemoryNetwork) => network.partition([['b']])],
    ['a way that is blocked in one direction', (network: MemoryNetwork) => network.oneWay('b', 'a', { blocked: true })],
  ])('times out for %s', async (_, prepare) => {
    const { clock, network } = makeNetwork({}, { dialTimeoutMs: 4000 });
    const transport = network.transport('a');
    prepare(network);
    await expect(clock.until(transport.dial('b:1', never))).rejects.toMatchObject({ code: 'timeout' });
    expect(clock.monotonic()).toBeCloseTo(4000);
  });

  it('gets through when the partition heals in time', async () => {
    const { clock, network } = makeNetwork({ latencyMs: 10 });
    await network.transport('b').listen('b:1', () => {});
    network.partition([['a'], ['b']]);
    clock.after(2500, () => network.heal());
    const connection = await clock.until(network.transport('a').dial('b:1', never));
    // Tried after 0, 1, 3 seconds.
    expect(clock.monotonic()).toBeCloseTo(3040);
    expect(connection.remoteAddress).toBe('b:1');
  });

  it('gives the certificates when both sides have one, else a binding', async () => {
    const { clock, network } = makeNetwork();
    const accepted: Connection[] = [];
    await network.transport('b', { certificate: Uint8Array.of(2) }).listen('b:1', (connection) => accepted.push(connection));
    const plain = await clock.until(network.transport('c').dial('b:1', never));
    const proven = await clock.until(network.transport('a', { certificate: Uint8Array.of(1) }).dial('b:1', never));
    await clock.runUntil(() => accepted.length === 2);
    const [plainToo, provenToo] = accepted as [Connection, Connection];
    expect([plain.peerCertificate, plain.binding]).toEqual([undefined, 'b:1']);
    expect([plainToo.peerCertificate, plainToo.binding]).toEqual([undefined, 'b:1']);
    expect([proven.peerCertificate, proven.binding]).toEqual([Uint8Array.of(2), undefined]);
    expect([provenToo.peerCertificate, provenToo.binding]).toEqual([Uint8Array.of(1), undefined]);
  });
});

describe('conditions', () => {
  it('delays by the latency and no more', async () => {
    const { clock, a, b } = await connected({ latencyMs: 50 });
    const start = clock.monotonic();
    a.connection.send('"x"');
    await clock.runUntil(() => b.messages.length === 1);
    expect(clock.monotonic() - start).toBeCloseTo(50);
  });

  it('keeps the order under jitter and loss', async () => {
    const { clock, a, b } = await connected({ latencyMs: 10, jitterMs: 100, loss: 0.2 });
    const sent = numbers(500);
    for (const [index, text] of sent.entries()) clock.after(index, () => a.connection.send(text));
    await clock.runUntil(() => b.messages.length === sent.length, { limitMs: 300_000 });
    expect(b.messages).toEqual(sent);
  });

  it('shows loss as delay that doubles, with everything waiting behind', async () => {
    const { clock, network, a, b } = await connected({ latencyMs: 10 });
    network.set({ loss: 1 });
    const start = clock.monotonic();
    a.connection.send('"lost"');
    await clock.advance(5);
    network.set({ loss: 0 });
    a.connection.send('"behind"');
    await clock.runUntil(() => b.messages.length === 2);
    // The first time-out is 200 ms after the loss was found out.
    expect(clock.monotonic() - start).toBeGreaterThanOrEqual(200);
    expect(clock.monotonic() - start).toBeLessThan(250);
    expect(b.messages).toEqual(['"lost"', '"behind"']);
  });

  it('breaks a connection on which nothing gets through', async () => {
    const { clock, network, a, b } = await connected();
    network.set({ loss: 1 });
    const start = clock.monotonic();
    a.connection.send('"lost"');
    await clock.runUntil(() => a.ended);
    expect(clock.monotonic() - start).toBeCloseTo(15_000);
    expect(a.error?.code).toBe('timeout');
    expect(b.ended).toBe(false);
  });

  it('drops whole frames unnoticed where it is told to', async () => {
    const { clock, a, b } = await connected({ drop: 0.5 });
    const sent = numbers(1000);
    for (const text of sent) a.connection.send(text);
    await clock.advance(1000);
    expect(b.messages.length).toBeGreaterThan(400);
    expect(b.messages.length).toBeLessThan(600);
    expect(b.messages).toEqual(sent.filter((text) => new Set(b.messages).has(text)));
    expect([a.ended, b.ended]).toEqual([false, false]);
  });

  it('lets no more through than the bandwidth, and says when the queue has drained', async () => {
    const { clock, a, b } = await connected({ latencyMs: 10, bytesPerSecond: 100_000 }, { highWaterBytes: 40_000, lowWaterBytes: 20_000 });
    const start = clock.monotonic();
    for (let i = 0; i < 10; i++) a.connection.sendData(0, new Uint8Array(9992));
    expect(a.connection.queued).toBe(100_000);
    await clock.runUntil(() => a.drains === 1);
    expect(clock.monotonic() - start).toBeCloseTo(800);
    expect(a.connection.queued).toBe(20_000);
    await clock.runUntil(() => b.receivedBytes === 99_920);
    expect(clock.monotonic() - start).toBeCloseTo(1010);
    expect([a.connection.queued, a.drains]).toEqual([0, 1]);
  });

  it('queues at the sender while the receiver does not read', async () => {
    const { clock, a, b } = await connected({}, { windowBytes: 10_000, highWaterBytes: 1000, lowWaterBytes: 100 });
    b.connection.pause();
    for (let i = 0; i < 100; i++) a.connection.sendData(0, new Uint8Array(992));
    await clock.advance(60_000);
    expect(a.connection.queued).toBe(90_000);
    expect([a.ended, b.receivedBytes, a.drains]).toEqual([false, 0, 0]);
    b.connection.resume();
    await clock.runUntil(() => b.receivedBytes === 99_200);
    expect([a.connection.queued, a.drains]).toEqual([0, 1]);
  });

  it('lets nothing more through once a handler paused, also of what had waited', async () => {
    const { clock, a, b } = await connected();
    b.connection.pause();
    for (const text of numbers(10)) a.connection.send(text);
    await clock.advance(1000);
    b.onEvent = () => b.connection.pause();
    for (let count = 1; count <= 10; count++) {
      b.connection.resume();
      await clock.advance(1000);
      expect(b.messages).toEqual(numbers(count));
    }
    for (const text of numbers(10)) a.connection.send(text);
    b.connection.resume();
    await clock.advance(1000);
    expect(b.messages).toHaveLength(11);
  });

  it('can differ for one direction of one pair', async () => {
    const { clock, network, a, b } = await connected({ latencyMs: 10 });
    network.oneWay('a', 'b', { latencyMs: 500 });
    a.connection.send('"slow"');
    b.connection.send('"fast"');
    await clock.runUntil(() => a.messages.length === 1);
    expect(b.messages).toEqual([]);
    network.resetBetween('a', 'b');
    a.connection.send('"fast again"');
    const start = clock.monotonic();
    await clock.runUntil(() => b.messages.length === 2);
    expect(clock.monotonic() - start).toBeCloseTo(490);
    expect(b.messages).toEqual(['"slow"', '"fast again"']);
  });
});
