import { describe, expect, it } from 'vitest';
import { connected, makeNetwork, never, numbers } from './testing.ts';

describe('partitions', () => {
  it('stall a connection, which goes on when they heal', async () => {
    const { clock, network, a, b } = await connected({ latencyMs: 10 });
    a.connection.send('"on its way"');
    network.partition([['a'], ['b']]);
    a.connection.send('"behind"');
    await clock.advance(5000);
    expect(b.messages).toEqual([]);
    network.heal();
    await clock.advance(3000);
    expect(b.messages).toEqual(['"on its way"', '"behind"']);
    expect([a.ended, b.ended]).toEqual([false, false]);
  });

  it('kill a connection that has something to send, and tell the other side when it speaks', async () => {
    const { clock, network, a, b } = await connected({ latencyMs: 10 });
    network.partition([['a']]);
    a.connection.send('"lost"');
    const start = clock.monotonic();
    await clock.runUntil(() => a.ended);
    expect(clock.monotonic() - start).toBeCloseTo(15_000);
    expect(a.error?.code).toBe('timeout');
    await clock.advance(60_000);
    expect(b.ended).toBe(false);
    network.heal();
    await clock.advance(60_000);
    expect([b.ended, b.messages]).toEqual([false, []]);
    b.connection.send('"are you there"');
    await clock.runUntil(() => b.ended);
    expect(b.error?.code).toBe('closed');
  });

  it('leave silent connections alone', async () => {
    const { clock, network, a, b } = await connected();
    network.partition([['a']]);
    await clock.advance(3_600_000);
    network.heal();
    a.connection.send('"still here"');
    await clock.runUntil(() => b.messages.length === 1);
  });

  it('separate by groups, with one for all whom no group names', async () => {
    const { clock, network } = makeNetwork({}, { dialTimeoutMs: 500 });
    for (const name of ['a', 'b', 'c', 'd']) await network.transport(name).listen(`${name}:1`, () => {});
    network.partition([['a', 'b'], []]);
    const reached = async (from: string, to: string): Promise<boolean> =>
      clock.until(
        network
          .transport(from)
          .dial(`${to}:1`, never)
          .then(
            () => true,
            () => false,
          ),
      );
    expect(await reached('a', 'b')).toBe(true);
    expect(await reached('c', 'd')).toBe(true);
    expect(await reached('a', 'c')).toBe(false);
    expect(await reached('d', 'b')).toBe(false);
  });
});

describe('crashes', () => {
  it('reset connections, deliver what was on its way before, and refuse dials', async () => {
    const { clock, network, a, b } = await connected({ latencyMs: 10 });
    b.connection.send('"last words"');
    network.crash('b');
    await clock.runUntil(() => a.ended);
    expect(a.messages).toEqual(['"last words"']);
    expect(a.error?.code).toBe('closed');
    await expect(clock.until(network.transport('a').dial('b:1', never))).rejects.toMatchObject({ code: 'refused' });
    expect(b.closings).toBe(0);
  });

  it('are not noticed when silent, until somebody speaks', async () => {
    const { clock, network, a } = await connected({ latencyMs: 10 });
    network.crash('b', { silent: true });
    await clock.advance(600_000);
    expect(a.ended).toBe(false);
    a.connection.send('"hello?"');
    await clock.advance(14_000);
    expect(a.ended).toBe(false);
    await clock.runUntil(() => a.ended);
    expect(a.error?.code).toBe('timeout');
  });

  it('end connections as soon as the machine is back and is spoken to', async () => {
    const { clock, network, a } = await connected({ latencyMs: 10 });
    network.crash('b', { silent: true });
    network.restart('b');
    a.connection.send('"hello?"');
    await clock.runUntil(() => a.ended);
    expect(a.error?.code).toBe('closed');
    await network.transport('b').listen('b:1', () => {});
    await clock.until(network.transport('a').dial('b:1', never));
  });

  it('end what belonged to the process: its transports, its dials, its callbacks', async () => {
    const { clock, network, a, b } = await connected();
    const old = network.transport('b');
    let settled = false;
    const settle = (): void => {
      settled = true;
    };
    old.dial('a:1', never).then(settle, settle);
    a.connection.send('"too late"');
    network.crash('b');
    network.restart('b');
    old.dial('a:1', never).then(settle, settle);
    await expect(old.listen('b:2', () => {})).rejects.toMatchObject({ code: 'closed' });
    await clock.advance(60_000);
    expect([settled, b.events, b.closings]).toEqual([false, [], 0]);
  });

  it('let a connection that was closing flush, since its system does that', async () => {
    const { clock, network, a, b } = await connected({ latencyMs: 10, bytesPerSecond: 10_000 });
    for (const text of numbers(1000)) b.connection.send(text);
    b.connection.close();
    network.crash('b');
    await clock.runUntil(() => a.ended);
    expect(a.messages).toEqual(numbers(1000));
    expect(a.error).toBeUndefined();
  });
});

describe('breaking a connection', () => {
  it('tells both ends', async () => {
    const { clock, network, a, b } = await connected();
    expect(network.connections('a', 'b')).toHaveLength(1);
    expect(network.breakConnections('b')).toBe(1);
    await clock.advance(0);
    expect([a.error?.code, b.error?.code]).toEqual(['closed', 'closed']);
    expect(network.connections()).toEqual([]);
  });

  it('or nobody, when it is silent', async () => {
    const { clock, network, a, b } = await connected();
    network.breakConnections('a', 'b', { silent: true });
    a.connection.send('"into the void"');
    await clock.advance(600_000);
    expect([a.ended, b.ended, b.messages]).toEqual([false, false, []]);
  });
});

describe('taps', () => {
  it('see and drop, alter, delay and copy frames', async () => {
    const { clock, network, a, b } = await connected({ latencyMs: 10 });
    const seen: string[] = [];
    const off = network.onFrame((frame) => {
      const text = Buffer.from(frame.bytes).toString();
      seen.push(`${frame.from}>${frame.to} ${frame.kind} ${text}`);
      if (text === '1') return { drop: true };
      if (text === '2') return { alter: '"changed"' };
      if (text === '3') return { delayMs: 1000 };
      if (text === '4') return { copies: 3 };
      return undefined;
    });
    for (const text of numbers(6)) a.connection.send(text);
    b.connection.keepAlive();
    const start = clock.monotonic();
    await clock.runUntil(() => b.messages.length === 7 && a.keepAlives === 1);
    expect(b.messages).toEqual(['0', '"changed"', '3', '4', '4', '4', '5']);
    expect(clock.monotonic() - start).toBeCloseTo(1010);
    expect(seen).toEqual([...numbers(6).map((text) => `a>b message ${text}`), 'b>a keep-alive ']);
    off();
    a.connection.send('1');
    await clock.runUntil(() => b.messages.length === 8);
  });

  it('can break the connection at a frame', async () => {
    const { clock, network, a, b } = await connected();
    network.onFrame((frame) => (Buffer.from(frame.bytes).toString() === '3' ? { break: true } : undefined));
    for (const text of numbers(6)) a.connection.send(text);
    await clock.advance(1000);
    expect([a.ended, b.ended, b.messages.includes('3')]).toEqual([true, true, false]);
  });

  it('share no bytes between sender and receiver', async () => {
    const { clock, a, b } = await connected();
    const bytes = Uint8Array.of(1, 2, 3);
    a.connection.sendData(2, bytes);
    bytes.fill(9);
    await clock.runUntil(() => b.receivedBytes === 3);
    expect([...b.received(2)]).toEqual([1, 2, 3]);
  });
});

describe('datagrams', () => {
  it('are lost, reordered and doubled', async () => {
    const { clock, network } = makeNetwork({ latencyMs: 10, loss: 0.1, reorder: 0.3, duplicate: 0.1 });
    const from = await network.datagrams('a').bind('a:1');
    const to = await network.datagrams('b').bind('b:1');
    const seen: number[] = [];
    to.onPacket((packet) => seen.push(Buffer.from(packet).readUInt16BE()));
    for (let i = 0; i < 1000; i++) {
      const packet = Buffer.alloc(2);
      packet.writeUInt16BE(i);
      from.send('b:1', packet);
      await clock.advance(1);
    }
    await clock.advance(1000);
    const different = new Set(seen);
    expect(different.size).toBeGreaterThan(850);
    expect(different.size).toBeLessThan(950);
    expect(seen.length).toBeGreaterThan(different.size);
    expect(seen).not.toEqual([...seen].sort((x, y) => x - y));
  });

  it('get nowhere across a partition, nor to a process that crashed', async () => {
    const { clock, network } = makeNetwork();
    const from = await network.datagrams('a').bind('a:1');
    const to = await network.datagrams('b').bind('b:1');
    let seen = 0;
    to.onPacket(() => seen++);
    network.partition([['a']]);
    from.send('b:1', Uint8Array.of(1));
    await clock.advance(1000);
    network.heal();
    expect(seen).toBe(0);
    from.send('b:1', Uint8Array.of(1));
    await clock.advance(1000);
    expect(seen).toBe(1);
    network.crash('b');
    from.send('b:1', Uint8Array.of(1));
    await clock.advance(1000);
    expect(seen).toBe(1);
  });
});
