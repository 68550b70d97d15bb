import { type AddressInfo, createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { type Connection, type ErrorCode, errorCode, type Listener, type Transport } from '@parley/core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectError } from './errors.ts';
import { listening, ManualTimers, never, type Party, party, record, rsaContext, tcpServer } from './testing.ts';

let anna: Party;
let ben: Party;
const closers: (() => unknown)[] = [];

beforeAll(async () => {
  anna = await party('Anna');
  ben = await party('Ben');
});

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function outcome(dialling: Promise<Connection>): Promise<ErrorCode | 'connected'> {
  try {
    (await dialling).destroy();
    return 'connected';
  } catch (error) {
    return errorCode(error);
  }
}

function dial(address: string, transport: Transport = anna.transport()): Promise<ErrorCode | 'connected'> {
  return outcome(transport.dial(address, never));
}

async function tlsServer(options: Parameters<typeof createTlsServer>[0]): Promise<string> {
  const server = createTlsServer(options, (socket) => socket.on('error', () => socket.destroy()));
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('dialling', () => {
  it('shows each side the other’s certificate', async () => {
    const server = await listening(ben.transport());
    closers.push(() => server.listener.close());
    const dialled = await anna.transport().dial(server.listener.address, never);
    const accepted = await server.next();
    expect(Buffer.compare(dialled.peerCertificate ?? Buffer.of(), ben.identity.certificate)).toBe(0);
    expect(Buffer.compare(accepted.peerCertificate ?? Buffer.of(), anna.identity.certificate)).toBe(0);
    dialled.destroy();
  });

  it('works over IPv6 where there is any', async (context) => {
    const listener: Listener | undefined = await ben
      .transport()
      .listen('[::1]:0', (connection) => record(connection))
      .catch(() => undefined);
    if (!listener) {
      context.skip('no IPv6 on this machine');
      return;
    }
    closers.push(() => listener.close());
    expect(listener.address).toMatch(/^\[::1\]:\d+$/);
    const dialled = await anna.transport().dial(listener.address, never);
    expect(dialled.remoteAddress).toBe(listener.address);
    dialled.destroy();
  });

  it('ends with `timeout` when the other side says nothing, and closes the socket', async () => {
    const timers = new ManualTimers();
    const ended: Promise<void>[] = [];
    const silent = await tcpServer((socket) => {
      ended.push(new Promise((resolve) => socket.once('close', () => resolve())));
      socket.resume();
      // The greeting of the client has come: let its time be over.
      socket.once('data', () => timers.elapse(3000));
    });
    closers.push(silent.close);
    expect(await dial(silent.address, anna.transport({ clock: timers, handshakeTimeoutMs: 3000 }))).toBe('timeout');
    await Promise.all(ended);
    expect(timers.waiting).toBe(0);
  });

  it('leaves no timer and no listener behind', async () => {
    const timers = new ManualTimers();
    const server = await listening(ben.transport({ clock: timers }));
    closers.push(() => server.listener.close());
    const controller = new AbortController();
    const dialled = await anna.transport({ clock: timers }).dial(server.listener.address, controller.signal);
    await server.next();
    expect(timers.waiting).toBe(0);
    controller.abort();
    const recording = record(dialled);
    dialled.close();
    expect(await recording.closing).toBeUndefined();
  });

  it.each([
    ['hangs up', (): string => ''],
    ['talks another language', (): string => 'HTTP/1.1 400 Bad Request\r\n\r\n'],
  ])('is refused by a server that %s', async (_what, answer) => {
    const server = await tcpServer((socket) => socket.once('data', () => socket.end(answer())));
    closers.push(server.close);
    expect(await dial(server.address)).toBe('refused');
  });

  it('is refused by a server of TLS 1.2, of another protocol, or with an RSA key', async () => {
    expect(await dial(await tlsServer({ ...ben.context, maxVersion: 'TLSv1.2', minVersion: 'TLSv1.2' }))).toBe('refused');
    expect(await dial(await tlsServer({ ...ben.context, ALPNProtocols: ['h2'] }))).toBe('refused');
    expect(await dial(await tlsServer(await rsaContext()))).toBe('refused');
  });

  it('tells a name that does not exist from a port where nobody listens', async () => {
    expect(await dial('nobody.invalid:4000')).toBe('unreachable');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    expect(await dial(`127.0.0.1:${port}`)).toBe('refused');
    expect(await dial(`localhost:${port}`)).toBe('refused');
  });
});

describe('a transport', () => {
  it('is not made of a certificate and a key that do not belong together', () => {
    const { certificate } = ben.identity;
    const make = (options: Parameters<Party['transport']>[0]) => () => anna.transport(options);
    expect(make({ certificate })).toThrow(expect.objectContaining({ code: 'bad-certificate' }));
    expect(make({ certificate: Uint8Array.of(1, 2, 3) })).toThrow(expect.objectContaining({ code: 'bad-certificate' }));
  });
});

describe('errors of the system', () => {
  it.each([
    ['ECONNREFUSED', 'refused'],
    ['ECONNRESET', 'refused'],
    ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'refused'],
    ['ETIMEDOUT', 'timeout'],
    ['EADDRINUSE', 'in-use'],
    ['EHOSTUNREACH', 'unreachable'],
    ['ENOTFOUND', 'unreachable'],
    ['EAI_AGAIN', 'unreachable'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'bad-certificate'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'bad-certificate'],
    ['CERT_HAS_EXPIRED', 'bad-certificate'],
    ['ESOMETHING', 'unreachable'],
  ])('%s is %s', (code, expected) => {
    expect(connectError(Object.assign(new Error('x'), { code }), 'test').code).toBe(expected);
  });

  it('of several addresses: the one that says most', () => {
    const error = (code: string): Error => Object.assign(new Error(code), { code });
    expect(connectError(new AggregateError([error('ETIMEDOUT'), error('ECONNREFUSED')]), 'test').code).toBe('refused');
    expect(connectError(new AggregateError([error('ETIMEDOUT'), error('ENETUNREACH')]), 'test').code).toBe('timeout');
  });
});
