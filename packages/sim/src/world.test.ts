import { createHash, createPrivateKey, createPublicKey, randomBytes, sign, verify } from 'node:crypto';
import type { Crypto } from '@parley/core';
import { memoCrypto, Recorder, type SimPorts, VirtualClock, World } from '@parley/sim';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Enough of the port for these tests, synchronous. */
function nodeCrypto(): Crypto {
  const unused = (): never => {
    throw new Error('not in these tests');
  };
  return {
    sha256: (data) => new Uint8Array(createHash('sha256').update(data).digest()),
    digest: unused,
    hasher: unused,
    signingKey: (seed) => {
      const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
      const publicKey = new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32));
      return { publicKey, sign: (data) => new Uint8Array(sign(null, data, key)) };
    },
    verify: (key, data, signature) =>
      verify(null, data, createPublicKey({ key: Buffer.concat([SPKI, key]), format: 'der', type: 'spki' }), signature),
    scrypt: (passphrase) =>
      new Promise((resolve) => setImmediate(() => resolve(new Uint8Array(createHash('sha256').update(passphrase).digest())))),
    agreementKey: unused,
    verifyIssuer: unused,
    seal: unused,
    open: unused,
  };
}

const tables = [{ name: 'seen' }];
const never = new AbortController().signal;

beforeEach(() => vi.stubEnv('PARLEY_SEED', ''));
afterEach(() => vi.unstubAllEnvs());

/** A node that tells what it stored to the next one in a ring, and dials again when it lost its link. */
function gossip(ports: SimPorts, name: string, next: string): void {
  const { clock, random, store, transports } = ports;
  const [transport] = transports;
  if (transport === undefined) throw new Error('no transport');
  const take = async (text: string): Promise<void> => {
    await ports.crypto.scrypt(text, new Uint8Array(0), { n: 2, r: 1, p: 1 });
    await store.commit([{ op: 'put', table: 'seen', key: `${text.slice(0, 40)}`, value: text }]);
  };
  void transport.listen(`${name}:1`, (connection) => {
    connection.attach({ message: (json) => void take(Buffer.from(json).toString()), data() {}, keepAlive() {}, drain() {}, closed() {} });
  });
  const dial = async (): Promise<void> => {
    try {
      const connection = await transport.dial(`${next}:1`, never);
      let open = true;
      const tick = (): void => {
        if (!open) return;
        connection.send(JSON.stringify({ from: name, at: clock.now(), random: Buffer.from(random.bytes(8)).toString('hex') }));
        clock.after(50 * random.number(), tick);
      };
      connection.attach({
        message() {},
        data() {},
        keepAlive() {},
        drain() {},
        closed() {
          open = false;
          clock.after(100 + 100 * random.number(), () => void dial());
        },
      });
      tick();
    } catch {
      clock.after(100 + 100 * random.number(), () => void dial());
    }
  };
  void dial();
}

async function history(seed: string | number): Promise<{ digest: string; count: number; stored: string[] }> {
  const world = new World({ seed, crypto: nodeCrypto(), conditions: { latencyMs: 5, jitterMs: 10, loss: 0.02 } });
  const trace = world.trace();
  const names = ['a', 'b', 'c', 'd', 'e'];
  const next = (name: string): string => names[(names.indexOf(name) + 1) % names.length] as string;
  for (const name of names) gossip(world.ports(name, { tables, skewMs: world.random.integer(1000) }), name, next(name));
  await world.advance(1000);
  world.network.partition([['a', 'b']]);
  await world.advance(1000);
  world.network.heal();
  const victim = world.random.pick(names);
  world.crash(victim, { silent: world.random.chance(0.5) });
  await world.advance(500);
  gossip(world.restart(victim), victim, next(victim));
  await world.advance(1000);
  const stored = names.map((name) => `${name} ${world.drive(name).disk.count('seen', {})}`);
  return { digest: trace.digest(), count: trace.count, stored };
}

describe('determinism', () => {
  it('gives the same history for the same seed', async () => {
    const [first, second] = [await history(42), await history(42)];
    expect(first).toEqual(second);
    expect(first.count).toBeGreaterThan(300);
  });

  it('gives another for another', async () => {
    expect((await history(42)).digest).not.toBe((await history(43)).digest);
  });
});

describe('World', () => {
  it('takes the seed from the environment and tells it when something does not come true', async () => {
    vi.stubEnv('PARLEY_SEED', '77');
    const world = new World({ seed: 1, crypto: nodeCrypto() });
    expect(world.seed).toBe('77');
    await expect(world.runUntil(() => false, { limitMs: 10 })).rejects.toThrow('PARLEY_SEED=77');
    await expect(world.until(new Promise(() => {}), { limitMs: 10 })).rejects.toThrow('PARLEY_SEED=77');
  });

  it('runs one process a machine, whose ports end with it', async () => {
    const world = new World({ seed: 1, crypto: nodeCrypto() });
    const ports = world.ports('a', { tables });
    expect(() => world.ports('a', { tables })).toThrow(expect.objectContaining({ code: 'in-use' }));
    expect(() => world.restart('a')).toThrow(expect.objectContaining({ code: 'in-use' }));
    await world.until(ports.store.commit([{ op: 'put', table: 'seen', key: 'k', value: 'v' }]));
    let fired = false;
    ports.clock.after(10, () => {
      fired = true;
    });
    world.crash('a');
    await world.advance(100);
    expect(fired).toBe(false);
    await expect(ports.store.get('seen', 'k')).rejects.toMatchObject({ code: 'closed' });
    const again = world.restart('a', { skewMs: 500 });
    expect(await again.store.get('seen', 'k')).toBe('v');
    expect(again.clock.now()).toBe(world.clock.now() + 500);
    expect(again.random.bytes(16)).not.toEqual(ports.random.fork('x').bytes(16));
    expect(again.random.seed).not.toBe(ports.random.seed);
    expect(() => world.restart('unknown')).toThrow(expect.objectContaining({ code: 'not-found' }));
  });

  it('counts the timers that a node leaves behind, and lets its connections flush', async () => {
    const world = new World({ seed: 1, crypto: nodeCrypto(), conditions: { bytesPerSecond: 1000 } });
    const [a, b] = [world.ports('a', { tables }), world.ports('b', { tables })];
    const received: Recorder[] = [];
    await b.transports[0]?.listen('b:1', (connection) => received.push(Recorder.attach(connection)));
    const connection = await world.until(a.transports[0]?.dial('b:1', never) ?? Promise.reject(new Error('no transport')));
    connection.send(JSON.stringify('x'.repeat(5000)));
    connection.close();
    a.clock.after(1000, () => {});
    expect(world.stopped('a')).toBe(1);
    await world.runUntil(() => received[0]?.ended === true);
    expect(received[0]?.messages).toHaveLength(1);
  });

  it('collects logs when asked to', () => {
    const world = new World({ seed: 1, crypto: nodeCrypto() });
    const loud = world.ports('a', { tables, log: 'collected' });
    const silent = world.ports('b', { tables });
    loud.log.child({ part: 'x' }).warn('careful', { n: 1 });
    loud.log.info('fine');
    silent.log.error('nobody hears');
    expect(world.logs.entries()).toHaveLength(2);
    expect(world.logs.entries({ level: 'warn' })).toEqual([
      { at: 0, host: 'a', level: 'warn', message: 'careful', fields: { part: 'x', n: 1 } },
    ]);
    expect(world.logs.entries({ host: 'b' })).toEqual([]);
  });
});

describe('memoCrypto', () => {
  it('verifies each signature once, and a different one for itself', async () => {
    let calls = 0;
    const real = nodeCrypto();
    const counting: Crypto = {
      ...real,
      verify: (...args) => {
        calls++;
        return real.verify(...args);
      },
    };
    const crypto = memoCrypto(counting, new VirtualClock());
    const key = await crypto.signingKey(randomBytes(32));
    const data = Buffer.from('text');
    const signature = await key.sign(data);
    for (let i = 0; i < 5; i++) expect(crypto.verify(key.publicKey, data, signature)).toBe(true);
    expect(calls).toBe(1);
    expect(crypto.verify(key.publicKey, Buffer.from('texT'), signature)).toBe(false);
    const other = await crypto.signingKey(randomBytes(32));
    expect(crypto.verify(other.publicKey, data, signature)).toBe(false);
    const spoilt = Uint8Array.from(signature);
    spoilt[0] = (spoilt[0] as number) ^ 1;
    expect(crypto.verify(key.publicKey, data, spoilt)).toBe(false);
    expect(calls).toBe(4);
  });

  it('makes time wait for what answers later, and remembers it too', async () => {
    const clock = new VirtualClock();
    let calls = 0;
    const slow: Crypto = {
      ...nodeCrypto(),
      verify: () => {
        calls++;
        return new Promise((resolve) => setImmediate(() => resolve(true)));
      },
    };
    const crypto = memoCrypto(slow, clock);
    const seen: string[] = [];
    const bytes = new Uint8Array(32);
    clock.after(
      1,
      () => void Promise.resolve(crypto.verify(bytes, bytes, bytes)).then((fits) => seen.push(`${fits} at ${clock.monotonic()}`)),
    );
    clock.after(2, () => seen.push(`after: ${crypto.verify(bytes, bytes, bytes)}`));
    await clock.run(2);
    expect(seen).toEqual(['true at 1', 'after: true']);
    expect(calls).toBe(1);
  });
});
