import type { OutgoingTransfer, ParleyError } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { LinkLab } from './lib/link-lab.ts';
import { outcome, take } from './lib/transfers.ts';

async function pair(seed: string, config = {}) {
  const lab = new LinkLab(seed);
  const server = await lab.listener('s', { config });
  const client = await lab.party('c', { config });
  return { lab, server, client, ...(await lab.linked(client, server)) };
}

async function sendAll(transfer: OutgoingTransfer, total: number, piece: number): Promise<void> {
  for (let at = 0; at < total; at += piece) await transfer.write(new Uint8Array(Math.min(piece, total - at)).fill(at / piece));
  transfer.end();
}

describe('transfers', () => {
  it('carry bytes in order, with what was said of them, both ways at once', async () => {
    const { lab, server, client, link, back } = await pair('transfer-1');
    const atServer = take(server);
    const atClient = take(client);
    const there = link.transfers.open('test', { size: 500_000, meta: { name: 'a file' } });
    const here = back.transfers.open('test');
    await lab.world.until(Promise.all([sendAll(there, 500_000, 70_000), sendAll(here, 300_000, 1000)]));
    await lab.world.advance(1000);
    expect(atServer.map(({ about, bytes, closings }) => ({ about: { ...about, abort: undefined }, bytes, closings }))).toEqual([
      {
        about: { kind: 'test', size: 500_000, meta: { name: 'a file' }, from: client.identity.nodeId, abort: undefined },
        bytes: 500_000,
        closings: [undefined],
      },
    ]);
    expect(atClient.map(({ bytes, closings }) => ({ bytes, closings }))).toEqual([{ bytes: 300_000, closings: [undefined] }]);
    const whole = Buffer.concat(atServer[0]?.parts ?? []);
    expect(whole).toEqual(Buffer.concat(Array.from({ length: 8 }, (_, i) => Buffer.alloc(i < 7 ? 70_000 : 10_000, i))));
    expect(there.number % 2).toBe(0);
    expect(here.number % 2).toBe(1);
  });

  it('bring 100 MB through with memory for a window', async () => {
    const { lab, server, client, link } = await pair('transfer-2');
    let unfinished = 0;
    let mostUnfinished = 0;
    const received = take(server, (_, bytes) => {
      unfinished += bytes.length;
      mostUnfinished = Math.max(mostUnfinished, unfinished);
      return new Promise((resolve) =>
        lab.world.clock.after(3, () => {
          unfinished -= bytes.length;
          resolve();
        }),
      );
    });
    let mostQueued = 0;
    const watch = lab.world.network.onFrame((frame) => {
      if (frame.kind === 'data') mostQueued = Math.max(mostQueued, link.connection.queued);
      return undefined;
    });
    const total = 100 * 1024 * 1024;
    const piece = new Uint8Array(1024 * 1024);
    const transfer = link.transfers.open('test', { size: total });
    const sending = (async () => {
      for (let i = 0; i < 100; i++) await transfer.write(piece);
      transfer.end();
    })();
    await lab.world.until(sending, { limitMs: 600_000 });
    await lab.world.advance(5000);
    watch();
    expect(received.map(({ bytes, closings }) => [bytes, closings])).toEqual([[total, [undefined]]]);
    expect(mostUnfinished).toBeLessThanOrEqual(4 * 1024 * 1024);
    expect(mostQueued).toBeLessThan(2 * 1024 * 1024);
    expect(client.metrics.snapshot().counters.get('rejections')).toBeUndefined();
  });

  it('write in turn, however many writes wait', async () => {
    const { lab, server, link } = await pair('transfer-3');
    const received = take(server);
    const transfer = link.transfers.open('test');
    const writes = [1, 2, 3].map((value) => transfer.write(new Uint8Array(1_500_000).fill(value)));
    await lab.world.until(Promise.all(writes));
    transfer.end();
    await lab.world.advance(2000);
    expect(received[0]?.bytes).toBe(4_500_000);
    expect(received[0]?.closings).toEqual([undefined]);
  });

  it('wait no longer than there is room, though the transport never says so', async () => {
    // The transport tells of room only after a megabyte was queued; here a link counts as full much earlier.
    const { lab, server, link } = await pair('transfer-4', { shedBytes: 100_000, dataFrameBytes: 50_000 });
    lab.world.network.between('c', 's', { bytesPerSecond: 200_000 });
    const received = take(server);
    await lab.world.until(sendAll(link.transfers.open('test'), 1_000_000, 100_000), { limitMs: 120_000 });
    await lab.world.advance(10_000);
    expect(received[0]?.bytes).toBe(1_000_000);
  });

  it('end with an error on the other side when the sender gives up, and for the sender when the receiver does', async () => {
    const { lab, server, link } = await pair('transfer-5');
    const received = take(server);
    const first = link.transfers.open('test');
    await lab.world.until(first.write(new Uint8Array(10)));
    first.abort('changed\nmy mind');
    await lab.world.advance(200);
    expect(received[0]?.closings.map((error) => error?.message)).toEqual(['the sender gave up: changed my mind']);
    expect(await lab.world.until(outcome(first.write(new Uint8Array(1))))).toBe('aborted');

    const second = link.transfers.open('test');
    await lab.world.until(second.write(new Uint8Array(10)));
    await lab.world.advance(200);
    received[1]?.about.abort('x'.repeat(500));
    expect(received[1]?.closings.map((error) => error?.code)).toEqual(['aborted']);
    await lab.world.advance(200);
    expect(await lab.world.until(outcome(second.write(new Uint8Array(1))))).toBe('refused');
    expect(received[1]?.closings).toHaveLength(1);
    expect(server.links.size).toBe(1);
  });

  it('end with an error on both sides when the link dies', async () => {
    const { lab, server, client, link } = await pair('transfer-6');
    const received = take(server);
    const transfer = link.transfers.open('test');
    const sending = outcome(sendAll(transfer, 100 * 1024 * 1024, 1024 * 1024));
    await lab.world.advance(50);
    lab.world.network.breakConnections('c', 's');
    expect(await lab.world.until(sending)).toBe('closed');
    await lab.world.advance(100);
    expect(received[0]?.closings.map((error) => error?.code)).toEqual(['closed']);
    expect(client.links.size).toBe(0);
  });

  it('are refused when nobody takes their kind, when the taker says no or fails, and when there are too many', async () => {
    const { lab, server, link } = await pair('transfer-7', { maxTransfers: 3 });
    server.links.handleTransfers('no', () => undefined);
    server.links.handleTransfers('broken', () => {
      throw new Error('broken');
    });
    server.links.handleTransfers('hasty', (about) => {
      about.abort('not today');
      return { data: () => undefined, closed: () => {} };
    });
    for (const [kind, reason] of [
      ['unknown', 'unsupported'],
      ['no', 'refused'],
      ['broken', 'refused'],
      ['hasty', 'not today'],
    ] as const) {
      const transfer = link.transfers.open(kind);
      const error = await lab.world.until(transfer.write(new Uint8Array(1)).catch((thrown: ParleyError) => thrown));
      expect((error as ParleyError).message).toBe(`the other side ended the transfer: ${reason}`);
    }
    take(server);
    for (let i = 0; i < 3; i++) link.transfers.open('test');
    expect(() => link.transfers.open('test')).toThrow('at most 3');
    expect(server.links.size).toBe(1);
  });

  it('that cannot be taken any more end by themselves, and what was under way is no offence', async () => {
    const { lab, server, client, link } = await pair('transfer-8');
    let full = false;
    const received = take(server, () => (full ? Promise.reject(new Error('the disk is full')) : undefined));
    const transfers = Array.from({ length: 10 }, () => link.transfers.open('test'));
    const sending = transfers.map((transfer) => outcome(sendAll(transfer, 20_000_000, 500_000)));
    await lab.world.runUntil(() => received.length === 10 && received.every(({ bytes }) => bytes > 0));
    full = true;
    const outcomes = await lab.world.until(Promise.all(sending));
    await lab.world.advance(2000);
    expect(outcomes).toEqual(Array.from({ length: 10 }, () => 'refused'));
    expect(received.map(({ closings }) => closings.map((error) => error?.code))).toEqual(Array.from({ length: 10 }, () => ['storage']));
    expect(server.links.reputation.score(client.identity.keyId, server.links.now())).toBe(0);
    expect(server.links.size).toBe(1);
  });

  it('survive a sink that throws', async () => {
    const { lab, server, link } = await pair('transfer-9');
    server.links.handleTransfers('test', () => ({
      data: () => {
        throw new Error('no');
      },
      closed: () => {
        throw new Error('not even that');
      },
    }));
    expect(await lab.world.until(outcome(sendAll(link.transfers.open('test'), 10_000_000, 100_000)))).toBe('refused');
    expect(server.links.size).toBe(1);
  });
});
