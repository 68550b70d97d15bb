import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { type Connection, errorCode, jsonFrame, type Listener } from '@parley/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAuthority } from '../authority.ts';
import type { RefusalReason } from './limits.ts';
import type { TlsTransportOptions } from './options.ts';
import { closing, deps, ManualTimers, never, type Party, party, pemOf, portOf, record, rsaContext } from './testing.ts';

let anna: Party;
let ben: Party;
let refusals: RefusalReason[];
let accepted: Connection[];
let listener: Listener | undefined;
let sockets: Socket[];

beforeAll(async () => {
  anna = await party('Anna');
  ben = await party('Ben');
});

beforeEach(() => {
  refusals = [];
  accepted = [];
  sockets = [];
});

afterEach(async () => {
  await listener?.close();
  for (const socket of sockets) socket.destroy();
  for (const connection of accepted) connection.destroy();
});

async function listen(options: Partial<TlsTransportOptions> = {}): Promise<number> {
  const transport = anna.transport({ onRefused: (reason) => refusals.push(reason), ...options });
  listener = await transport.listen('127.0.0.1:0', (connection) => accepted.push(connection));
  return portOf(listener.address);
}

function tcp(port: number): Socket {
  const socket = createConnection({ host: '127.0.0.1', port });
  socket.on('error', () => socket.destroy());
  socket.resume();
  sockets.push(socket);
  return socket;
}

function tls(port: number, options: ConnectionOptions = ben.context): TLSSocket {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
  socket.on('error', () => socket.destroy());
  socket.resume();
  sockets.push(socket);
  return socket;
}

async function refused(count = 1): Promise<RefusalReason[]> {
  await expect.poll(() => refusals.length, { timeout: 10_000 }).toBe(count);
  return refusals;
}

describe('turned away is', () => {
  it('a peer without a certificate, though its own side believes that it is connected', async () => {
    const socket = tls(await listen(), {});
    await once(socket, 'secureConnect');
    await closing(socket);
    expect(await refused()).toEqual(['no-certificate']);
  });

  it('a peer with an RSA key, which has no certificate that would do', async () => {
    tls(await listen(), await rsaContext());
    expect(await refused()).toEqual(['no-certificate']);
  });

  it.each([
    ['of TLS 1.2', async () => ({ ...ben.context, maxVersion: 'TLSv1.2' as const })],
    ['of another protocol', async () => ({ ...ben.context, ALPNProtocols: ['h2'] })],
  ])('a peer %s', async (_what, options) => {
    tls(await listen(), await options());
    expect(await refused()).toEqual(['handshake-failed']);
  });

  it('a peer that talks another language, or nothing before it leaves', async () => {
    const port = await listen();
    tcp(port).write('GET / HTTP/1.1\r\n\r\n');
    await refused(1);
    tcp(port).end();
    expect(await refused(2)).toEqual(['handshake-failed', 'handshake-failed']);
    expect(accepted).toEqual([]);
  });

  it('a peer that sends its handshake a byte at a time, when its time is over', async () => {
    const timers = new ManualTimers();
    const socket = tcp(await listen({ clock: timers, handshakeTimeoutMs: 4000 }));
    await once(socket, 'connect');
    for (const byte of [0x16, 0x03, 0x01, 0x02]) {
      socket.write(Uint8Array.of(byte));
      await new Promise(setImmediate);
    }
    await expect.poll(() => timers.waiting).toBe(1);
    const closed = closing(socket);
    timers.elapse(4000);
    await closed;
    expect(await refused()).toEqual(['handshake-timeout']);
    expect(timers.waiting).toBe(0);
  });
});

it('a peer without ALPN is taken', async () => {
  tls(await listen());
  await expect.poll(() => accepted.length).toBe(1);
  expect(refusals).toEqual([]);
});

it('no session is resumed: each connection proves its certificate', async () => {
  const port = await listen();
  const first = tls(port);
  const sessions: Buffer[] = [];
  first.on('session', (session: Buffer) => sessions.push(session));
  await expect.poll(() => accepted.length).toBe(1);
  accepted[0]?.send('{}');
  await once(first, 'data');
  const session = sessions.at(-1) ?? first.getSession();
  expect(session).toBeDefined();
  const second = tls(port, { ...ben.context, ...(session ? { session } : {}) });
  await once(second, 'secureConnect');
  expect(second.isSessionReused()).toBe(false);
  await expect.poll(() => accepted.length).toBe(2);
  expect(Buffer.compare(accepted[1]?.peerCertificate ?? Buffer.of(), ben.identity.certificate)).toBe(0);
});

describe('limits', () => {
  it('bound handshakes at once, and free their place', async () => {
    const port = await listen({ limits: { maxHandshakesPerAddress: 2, exemptLoopback: false } });
    const idle = [tcp(port), tcp(port)];
    await Promise.all(idle.map((socket) => once(socket, 'connect')));
    await closing(tcp(port));
    expect(await refused()).toEqual(['handshakes-per-address']);
    for (const socket of idle) socket.destroy();
    await refused(3);
    tls(port);
    await expect.poll(() => accepted.length).toBe(1);
    expect(refusals.slice(1)).toEqual(['handshake-failed', 'handshake-failed']);
  });

  it('bound connections at once, and free their place', async () => {
    const port = await listen({ limits: { maxConnectionsPerAddress: 2, exemptLoopback: false } });
    const first = tls(port);
    tls(port);
    await expect.poll(() => accepted.length).toBe(2);
    await closing(tls(port));
    expect(await refused()).toEqual(['connections-per-address']);
    const ends = accepted.map((connection) => record(connection).closing);
    first.destroy();
    await Promise.race(ends);
    tls(port);
    await expect.poll(() => accepted.length).toBe(3);
  });

  it('leave loopback out unless told', async () => {
    const port = await listen({ limits: { maxConnectionsPerAddress: 1 } });
    tls(port);
    tls(port);
    await expect.poll(() => accepted.length).toBe(2);
    expect(refusals).toEqual([]);
  });
});

describe('closing a listener', () => {
  it('ends handshakes under way and keeps connections', async () => {
    const port = await listen();
    const socket = tls(port);
    await expect.poll(() => accepted.length).toBe(1);
    const pending = tcp(port);
    pending.write(Uint8Array.of(0x16));
    await once(pending, 'connect');
    // Its turn to be accepted comes before this one's.
    tls(port);
    await expect.poll(() => accepted.length).toBe(2);
    const closed = closing(pending);
    await listener?.close();
    await closed;
    expect(await refused()).toEqual(['listener-closed']);
    const recording = record(accepted[0] as Connection);
    socket.write(jsonFrame('"still here"'));
    await expect.poll(() => recording.messages).toEqual(['"still here"']);
  });
});

it('an accept that throws loses its connection, and the listener goes on', async () => {
  const transport = anna.transport();
  let calls = 0;
  listener = await transport.listen('127.0.0.1:0', () => {
    if (++calls === 1) throw new Error('a bug');
  });
  const port = portOf(listener.address);
  await closing(tls(port));
  tls(port);
  await expect.poll(() => calls).toBe(2);
});

describe.each([
  ['Ed25519', false],
  ['RSA-3072', true],
])('trust mode `ca` with an authority of %s', (_kind, rsa) => {
  const directory = mkdtempSync(join(tmpdir(), 'parley-tls-'));
  let issued: Party;
  let other: Party;
  let authorities: Uint8Array[];

  beforeAll(async () => {
    const authority = await createAuthority(join(directory, 'ours'), deps, { name: 'ours', rsa });
    const stranger = await createAuthority(join(directory, 'strangers'), deps, { name: 'ours', rsa });
    issued = await party('Issued', async (own) => (await authority.issue(pemOf(own))).certificate.der);
    other = await party('Other', async (own) => (await stranger.issue(pemOf(own))).certificate.der);
    authorities = [authority.certificate.der];
    anna = await party('Anna', async (own) => (await authority.issue(pemOf(own))).certificate.der);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it('admits what the authority issued', async () => {
    const port = await listen({ authorities });
    const dialled = await issued.transport({ authorities }).dial(`127.0.0.1:${port}`, never);
    await expect.poll(() => accepted.length).toBe(1);
    expect(Buffer.compare(dialled.peerCertificate ?? Buffer.of(), anna.identity.certificate)).toBe(0);
    expect(Buffer.compare(accepted[0]?.peerCertificate ?? Buffer.of(), issued.identity.certificate)).toBe(0);
    dialled.destroy();
  });

  it.each([
    ['a self-signed certificate', () => ben],
    ['another authority of the same name', () => other],
  ])('turns %s away, coming in and when dialled', async (_what, whom) => {
    const port = await listen({ authorities });
    const recording = record(await whom().transport().dial(`127.0.0.1:${port}`, never));
    await recording.closing;
    expect(await refused()).toEqual(['handshake-failed']);
    expect(accepted).toEqual([]);
    await listener?.close();

    listener = await whom()
      .transport()
      .listen('127.0.0.1:0', (connection) => accepted.push(connection));
    const code = await issued
      .transport({ authorities })
      .dial(listener.address, never)
      .then(() => 'connected', errorCode);
    expect(code).toBe('bad-certificate');
  });
});
