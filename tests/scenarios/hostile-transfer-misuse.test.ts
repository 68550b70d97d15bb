import { type Link, TRANSFER_CLOSE, TRANSFER_CREDIT, TRANSFER_OPEN } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { LinkLab } from './lib/link-lab.ts';
import { outcome, take } from './lib/transfers.ts';

describe('a neighbour that misuses transfers', () => {
  async function hostile(seed: string) {
    const lab = new LinkLab(seed);
    const server = await lab.listener('s', { config: { transferWindowBytes: 100_000, maxTransfers: 4 } });
    const received = take(server);
    const puppet = await lab.neighbour('p', server);
    const score = (): number => server.links.reputation.score(puppet.identity.keyId, server.links.now());
    return { lab, server, received, puppet, score };
  }

  it('sending more than its credit ends that transfer', async () => {
    const { lab, server, puppet, score } = await hostile('misuse-1');
    const received = take(server, () => new Promise((resolve) => lab.world.clock.after(60_000, resolve)));
    puppet.say(TRANSFER_OPEN, { transfer: 0, kind: 'test' });
    await lab.world.advance(500);
    expect(puppet.heard('TRANSFER_CREDIT')).toEqual([{ transfer: 0, bytes: 100_000 }]);
    puppet.connection.sendData(0, new Uint8Array(60_000));
    puppet.connection.sendData(0, new Uint8Array(40_001));
    await lab.world.advance(500);
    expect(server.metrics.value('rejections', 'transfer-overrun')).toBe(1);
    expect(received.map(({ bytes, closings }) => [bytes, closings.map((error) => error?.code)])).toEqual([[60_000, ['quota']]]);
    expect(puppet.heard('TRANSFER_CLOSE')).toEqual([{ transfer: 0, error: 'overrun' }]);
    expect(score()).toBeGreaterThan(0);
    // What the sink was still busy with is not credited any more.
    await lab.world.advance(30_000);
    expect(puppet.heard('TRANSFER_CREDIT')).toHaveLength(1);
  });

  it('sending more, or less, than it said', async () => {
    const { lab, received, puppet, score } = await hostile('misuse-2');
    puppet.say(TRANSFER_OPEN, { transfer: 0, kind: 'test', size: 100 });
    puppet.connection.sendData(0, new Uint8Array(60));
    puppet.say(TRANSFER_CLOSE, { transfer: 0 });
    puppet.say(TRANSFER_OPEN, { transfer: 2, kind: 'test', size: 100 });
    puppet.connection.sendData(2, new Uint8Array(160));
    await lab.world.advance(500);
    expect(received.map(({ closings }) => closings.map((error) => error?.code))).toEqual([['bad-message'], ['quota']]);
    expect(score()).toBeGreaterThan(0);
  });

  it('data of a transfer that nobody opened, or that ended, is an offence', async () => {
    const { lab, server, puppet } = await hostile('misuse-3');
    puppet.connection.sendData(8, new Uint8Array(10));
    puppet.say(TRANSFER_OPEN, { transfer: 0, kind: 'test' });
    puppet.say(TRANSFER_CLOSE, { transfer: 0 });
    puppet.connection.sendData(0, new Uint8Array(10));
    await lab.world.advance(500);
    expect(server.metrics.value('rejections', 'transfer-unknown')).toBe(2);
  });

  it("numbers of the other side's parity, and numbers in use, are refused", async () => {
    const { lab, server, received, puppet } = await hostile('misuse-4');
    puppet.say(TRANSFER_OPEN, { transfer: 1, kind: 'test' });
    puppet.say(TRANSFER_OPEN, { transfer: 2, kind: 'test' });
    puppet.say(TRANSFER_OPEN, { transfer: 2, kind: 'test' });
    await lab.world.advance(500);
    expect(server.metrics.value('rejections', 'transfer-number')).toBe(2);
    expect(received).toHaveLength(1);
  });

  it('credit and ends for what is not there mean nothing', async () => {
    const { lab, server, puppet, score } = await hostile('misuse-5');
    puppet.say(TRANSFER_CREDIT, { transfer: 1, bytes: 0x7fff_ffff });
    puppet.say(TRANSFER_CLOSE, { transfer: 1 });
    puppet.say(TRANSFER_CLOSE, { transfer: 77, error: 'what?' });
    await lab.world.advance(500);
    expect(score()).toBe(0);
    expect(server.links.size).toBe(1);
  });

  it('only so many are taken at once', async () => {
    const { lab, received, puppet } = await hostile('misuse-6');
    for (let i = 0; i < 10; i++) puppet.say(TRANSFER_OPEN, { transfer: 2 * i, kind: 'test' });
    await lab.world.advance(500);
    expect(received).toHaveLength(4);
    expect(puppet.heard('TRANSFER_CLOSE').map(({ error }) => error)).toEqual(Array.from({ length: 6 }, () => 'quota'));
  });

  it('no credit, no bytes: a receiver that never gives any holds up nobody else', async () => {
    const { lab, server, puppet } = await hostile('misuse-7');
    const link = server.links.get(puppet.identity.nodeId) as Link;
    const transfer = link.transfers.open('test');
    const writing = outcome(transfer.write(new Uint8Array(1000)));
    await lab.world.advance(5000);
    expect(puppet.recorder.receivedBytes).toBe(0);
    puppet.say(TRANSFER_CREDIT, { transfer: transfer.number, bytes: 400 });
    await lab.world.advance(500);
    expect(puppet.recorder.receivedBytes).toBe(400);
    puppet.say(TRANSFER_CLOSE, { transfer: transfer.number, error: 'enough' });
    expect(await lab.world.until(writing)).toBe('refused');
  });
});
