import { once } from 'node:events';
import { createConnection } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { dataHeader, jsonFrame, type Listener, type Log, ParleyError, silentLog } from '@parley/core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { closing, listening, ManualTimers, never, type Party, party, portOf, type Recording, record } from './testing.ts';

let anna: Party;
let ben: Party;
let listener: Listener | undefined;
let sockets: TLSSocket[] = [];

beforeAll(async () => {
  anna = await party('Anna');
  ben = await party('Ben');
});

afterEach(async () => {
  await listener?.close();
  for (const socket of sockets) socket.destroy();
  sockets = [];
});

/** A bare TLS socket of Ben's, and Anna's connection with it. */
async function rawAndRecorded(
  options: Parameters<Party['transport']>[0] = {},
): Promise<{ raw: TLSSocket; anna: Recording; close(): void }> {
  const server = await listening(anna.transport(options));
  listener = server.listener;
  const raw = connect({ ...ben.context, host: '127.0.0.1', port: portOf(listener.address), rejectUnauthorized: false });
  raw.on('error', () => raw.destroy());
  sockets.push(raw);
  const connection = await server.next();
  return { raw, anna: record(connection), close: () => connection.close() };
}

describe('a peer that breaks the rules', () => {
  it('by a frame above the limit is cut off by its header', async () => {
    const { raw, anna: recording } = await rawAndRecorded({ maxFrameBytes: 1000 });
    raw.write(jsonFrame('"first"'));
    raw.write(Uint8Array.of(0, 0, 0x03, 0xe9));
    expect((await recording.closing)?.code).toBe('too-large');
    expect(recording.messages).toEqual(['"first"']);
    await closing(raw);
  });

  it('by a data frame without a transfer is cut off', async () => {
    const { raw, anna: recording } = await rawAndRecorded();
    raw.write(Uint8Array.of(0x80, 0, 0, 3, 1, 2, 3));
    expect((await recording.closing)?.code).toBe('bad-frame');
  });

  it.each([
    ['a header', Uint8Array.of(0, 0)],
    ['a message', jsonFrame('"text"').subarray(0, 7)],
    ['a data frame', dataHeader(2, 100)],
  ])('by ending within %s is noticed', async (_what, bytes) => {
    const { raw, anna: recording } = await rawAndRecorded();
    raw.end(bytes);
    expect((await recording.closing)?.code).toBe('bad-frame');
    expect(recording.closings).toHaveLength(1);
  });

  it('by a reset is noticed once', async () => {
    const server = await listening(anna.transport());
    listener = server.listener;
    const tcp = createConnection({ host: '127.0.0.1', port: portOf(listener.address) });
    const raw = connect({ ...ben.context, socket: tcp, rejectUnauthorized: false });
    raw.on('error', () => raw.destroy());
    const recording = record(await server.next());
    raw.write(jsonFrame('"first"'));
    recording.onMessage = () => void tcp.resetAndDestroy();
    expect((await recording.closing)?.code).toBe('closed');
    expect(recording.closings).toHaveLength(1);
  });

  it('by bytes one at a time is understood all the same', async () => {
    const { raw, anna: recording } = await rawAndRecorded();
    raw.setNoDelay(true);
    for (const byte of jsonFrame('{"slow":true}')) {
      raw.write(Uint8Array.of(byte));
      await new Promise(setImmediate);
    }
    raw.end();
    expect(await recording.closing).toBeUndefined();
    expect(recording.messages).toEqual(['{"slow":true}']);
  });
});

describe('close', () => {
  it('does not wait for ever for a peer that neither reads nor ends', async () => {
    const timers = new ManualTimers();
    const { raw, anna: recording, close } = await rawAndRecorded({ clock: timers, lingerMs: 5000 });
    raw.pause();
    raw.removeAllListeners('end');
    Reflect.set(raw, 'allowHalfOpen', true);
    close();
    expect(timers.waiting).toBe(1);
    timers.elapse(5000);
    await recording.closing;
    expect(timers.waiting).toBe(0);
  });

  it('leaves no timer behind', async () => {
    const timers = new ManualTimers();
    const { raw, anna: recording, close } = await rawAndRecorded({ clock: timers });
    raw.resume();
    close();
    expect(await recording.closing).toBeUndefined();
    expect(timers.waiting).toBe(0);
  });

  it('drops what comes in afterwards', async () => {
    const { raw, anna: recording, close } = await rawAndRecorded();
    raw.resume();
    raw.write(jsonFrame('"in time"'));
    recording.onMessage = () => {
      close();
      raw.write(jsonFrame('"late"'));
    };
    expect(await recording.closing).toBeUndefined();
    expect(recording.messages).toEqual(['"in time"']);
  });
});

describe('a handler that throws', () => {
  it('loses its connection, and nothing else happens', async () => {
    const errors: string[] = [];
    const log: Log = { ...silentLog, error: (message) => void errors.push(message) };
    const { raw, anna: recording } = await rawAndRecorded({ log });
    recording.onMessage = () => {
      throw new Error('a bug');
    };
    raw.write(jsonFrame('1'));
    expect((await recording.closing)?.code).toBe('internal');
    expect(errors).toHaveLength(1);
  });

  it('may name the reason', async () => {
    const { raw, anna: recording } = await rawAndRecorded();
    recording.onMessage = () => {
      throw new ParleyError('quota', 'too many');
    };
    raw.write(jsonFrame('1'));
    expect((await recording.closing)?.code).toBe('quota');
  });

  it('in `closed` harms nobody', async () => {
    const errors: string[] = [];
    const log: Log = { ...silentLog, error: (message) => void errors.push(message) };
    const { raw, anna: recording } = await rawAndRecorded({ log });
    recording.closed = () => {
      throw new Error('a bug');
    };
    raw.end();
    await closing(raw);
    await expect.poll(() => errors.length).toBe(1);
  });
});

describe('output of one turn', () => {
  it('goes out as one TLS record', async () => {
    const server = await listening(anna.transport());
    listener = server.listener;
    const raw = connect({ ...ben.context, host: '127.0.0.1', port: portOf(listener.address), rejectUnauthorized: false });
    sockets.push(raw);
    const connection = await server.next();
    record(connection);
    const chunks: Buffer[] = [];
    raw.on('data', (chunk: Buffer) => chunks.push(chunk));
    const texts = Array.from({ length: 50 }, (_, i) => `{"n":${i}}`);
    for (const text of texts) connection.send(text);
    expect(connection.queued).toBe(Buffer.concat(texts.map((text) => jsonFrame(text))).length);
    await once(raw, 'data');
    expect(chunks).toEqual([Buffer.concat(texts.map((text) => jsonFrame(text)))]);
  });
});

it('serves a dialler and a listener of one transport at once', async () => {
  const transport = anna.transport();
  const server = await listening(transport);
  listener = server.listener;
  const dialled = await transport.dial(listener.address, never);
  const accepted = await server.next();
  const recording = record(accepted);
  record(dialled);
  dialled.send('"to myself"');
  dialled.close();
  await recording.closing;
  expect(recording.messages).toEqual(['"to myself"']);
});
