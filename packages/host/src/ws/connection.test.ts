import { connect, type Socket } from 'node:net';
import { type Connection, type Listener, silentLog } from '@parley/core';
import { Recorder } from '@parley/sim';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWsTransport } from './transport.ts';

const transport = createWsTransport({ log: silentLog, limits: { maxHandshakes: 2 }, onRefused: (reason) => refused.push(reason) });
const refused: string[] = [];
const accepted: Connection[] = [];
let listener: Listener;
let sockets: Socket[] = [];

beforeEach(async () => {
  refused.length = 0;
  accepted.length = 0;
  sockets = [];
  listener = await transport.listen('127.0.0.1:0', (connection) => accepted.push(connection));
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  for (const connection of accepted) connection.destroy();
  await listener.close();
});

const port = (): number => Number(listener.address.split(':')[1]);

function open(): Socket {
  const socket = connect(port(), '127.0.0.1');
  socket.on('error', () => socket.destroy());
  sockets.push(socket);
  return socket;
}

/** A WebSocket that is spoken by hand. */
async function upgraded(): Promise<Socket> {
  const socket = open();
  const key = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: parley.1';
  socket.write(`GET /link HTTP/1.1\r\nHost: ${listener.address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${key}\r\n\r\n`);
  await new Promise((resolve) => socket.once('data', resolve));
  return socket;
}

describe('a WebSocket connection', () => {
  it('answers pings, but hoards no answers for who does not read', async () => {
    const socket = await upgraded();
    const [connection] = accepted as [Connection];
    Recorder.attach(connection);
    const answer = new Promise<Buffer>((resolve) => socket.once('data', resolve));
    socket.write(Buffer.from([0x89, 0x82, 0, 0, 0, 0, 0x68, 0x69]));
    expect(await answer).toEqual(Buffer.from([0x8a, 0x02, 0x68, 0x69]));
    // Of several at once some answer, and the last.
    let answers = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      answers = Buffer.concat([answers, chunk]);
    });
    socket.write(Buffer.concat(Array.from({ length: 50 }, (_, i) => Buffer.from([0x89, 0x81, 0, 0, 0, 0, i]))));
    await expect.poll(() => answers.at(-1)).toBe(49);
    socket.removeAllListeners('data');
    socket.pause();
    const pings = Buffer.concat(
      Array.from({ length: 10 }, () => Buffer.concat([Buffer.from([0x89, 0x80 | 125, 0, 0, 0, 0]), Buffer.alloc(125)])),
    );
    for (let i = 0; i < 6000; i++) await new Promise((resolve) => socket.write(pings, resolve));
    // 7 MB of answers.
    expect(connection.queued).toBeLessThan(1024);
  });

  it.each([
    ['pings', 0x89],
    ['empty messages', 0x81],
  ])('ends where thousands of %s come at once', async (_, type) => {
    const socket = await upgraded();
    const recorder = Recorder.attach((accepted as [Connection])[0]);
    const gone = new Promise((resolve) => socket.once('close', resolve));
    socket.on('data', () => {});
    socket.write(Buffer.concat(Array.from({ length: 10_000 }, () => Buffer.from([type, 0x80, 0, 0, 0, 0]))));
    await gone;
    expect(recorder.keepAlives).toBeLessThan(300);
  });

  it('is counted among the links, and those that are none have a limit of their own', async () => {
    for (let i = 0; i < 5; i++) await upgraded();
    expect(accepted).toHaveLength(5);
    const idle = [open(), open()];
    await Promise.all(idle.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
    const third = open();
    await new Promise((resolve) => third.once('close', resolve));
    expect(refused).toEqual(['http-connections']);
    for (const socket of idle) socket.destroy();
    await expect
      .poll(() => transport.dial(listener.address, new AbortController().signal).then((one) => one.binding))
      .toBe(listener.address);
  });
});
