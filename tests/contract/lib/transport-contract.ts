import { type Connection, ParleyError } from '@parley/core';
import { Recorder, SeededRandom } from '@parley/sim';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TransportLab, type TransportSetup } from './transport-lab.ts';

const MIB = 1024 * 1024;
/** More than the buffers of an operating system hold, so that something has to wait. */
const FLOOD_BYTES = 48 * MIB;
/** What may still come after `pause`: a chunk that was being read. */
const CHUNK_BYTES = 64 * 1024;

/** A quoted text of so many bytes in all. */
function jsonOf(bytes: number, fill = 'x'): string {
  return JSON.stringify(fill.repeat(bytes - 2));
}

function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, i) => String(i));
}

function flood(connection: Connection, bytes: number): void {
  const piece = 256 * 1024;
  for (let sent = 0; sent < bytes; sent += piece) connection.sendData(0, new Uint8Array(piece));
}

/** What every transport does (ports/transport.ts). Each test gets a setup of its own. */
export function transportContract(name: string, setup: () => Promise<TransportSetup>): void {
  describe(`transport: ${name}`, () => {
    let lab: TransportLab;
    beforeEach(async () => {
      lab = new TransportLab(await setup());
    });
    afterEach(() => lab.finish());

    describe('frames', () => {
      it('come in order, in both directions at once', async () => {
        const { dialled, accepted } = await lab.pair();
        const there = numbers(2000);
        const back = numbers(2000).map((text) => `"${text}"`);
        for (let i = 0; i < there.length; i++) {
          dialled.connection.send(there[i] as string);
          accepted.connection.send(back[i] as string);
        }
        await lab.time.waitFor(() => accepted.messages.length === 2000 && dialled.messages.length === 2000, 'all have come');
        expect(accepted.messages).toEqual(there);
        expect(dialled.messages).toEqual(back);
      });

      it('of every kind keep their order among each other', async () => {
        const { dialled, accepted } = await lab.pair();
        const random = new SeededRandom('frames');
        const expected = new Recorder(dialled.connection);
        for (let i = 0; i < 500; i++) {
          const kind = random.integer(5);
          if (kind === 0) {
            dialled.connection.keepAlive();
            expected.keepAlive();
          } else if (kind < 3) {
            const text = jsonOf(2 + random.integer(random.chance(0.05) ? 50_000 : 200), random.pick(['a', 'b']));
            dialled.connection.send(text);
            expected.message(text);
          } else {
            const transfer = random.integer(3);
            const bytes = random.bytes(1 + random.integer(random.chance(0.1) ? 100_000 : 300));
            expected.data(transfer, bytes);
            dialled.connection.sendData(transfer, bytes);
          }
        }
        dialled.connection.send('"end"');
        expected.message('"end"');
        await lab.time.waitFor(() => accepted.messages.at(-1) === '"end"', 'the last one has come');
        expect(accepted.events).toEqual(expected.events);
        for (const transfer of [0, 1, 2]) {
          expect(Buffer.compare(accepted.received(transfer), expected.received(transfer)), `bytes of transfer ${transfer}`).toBe(0);
        }
      });

      it('may be as small and as large as the limit allows', async () => {
        const { dialled, accepted } = await lab.pair();
        const sizes = [2, 3, 4095, 4096, 16_384, 16_385, 65_536, lab.setup.maxMessageBytes - 1, lab.setup.maxMessageBytes];
        dialled.connection.send('1');
        for (const size of sizes) dialled.connection.send(jsonOf(size));
        await lab.time.waitFor(() => accepted.messages.length === sizes.length + 1, 'all have come');
        expect(accepted.messages.map((text) => text.length)).toEqual([1, ...sizes]);
      });

      it('carry text as UTF-8', async () => {
        const { dialled, accepted } = await lab.pair();
        const text = JSON.stringify({ text: 'ßé漢字🎈\u0000\u2028', key: 'עברית' });
        dialled.connection.send(text);
        await lab.time.waitFor(() => accepted.messages.length === 1, 'it has come');
        expect(accepted.messages).toEqual([text]);
      });

      it('carry any bytes under any transfer number', async () => {
        const { dialled, accepted } = await lab.pair();
        const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
        for (const transfer of [0, 1, 2 ** 31, 2 ** 32 - 1]) dialled.connection.sendData(transfer, bytes.slice());
        await lab.time.waitFor(() => accepted.receivedBytes === 4 * 256, 'all have come');
        for (const transfer of [0, 1, 2 ** 31, 2 ** 32 - 1]) expect([...accepted.received(transfer)]).toEqual([...bytes]);
      });

      it('carry more data in one call than fits in one frame', async () => {
        const { dialled, accepted } = await lab.pair();
        const bytes = new SeededRandom('large').bytes(3 * MIB + 17);
        dialled.connection.sendData(2, bytes.slice());
        await lab.time.waitFor(() => accepted.receivedBytes === bytes.length, 'all has come');
        expect(Buffer.compare(accepted.received(2), bytes)).toBe(0);
      });

      it('may be sent from within a handler', async () => {
        const { dialled, accepted } = await lab.pair();
        accepted.onEvent = () => {
          const last = accepted.messages.at(-1);
          if (last !== undefined && Number(last) < 50) accepted.connection.send(String(Number(last) + 1));
        };
        dialled.onEvent = () => {
          const last = dialled.messages.at(-1);
          if (last !== undefined && Number(last) < 50) dialled.connection.send(String(Number(last) + 1));
        };
        dialled.connection.send('0');
        await lab.time.waitFor(() => accepted.messages.at(-1) === '50', 'the 50th answer has come');
        expect(accepted.messages).toEqual(numbers(51).filter((text) => Number(text) % 2 === 0));
      });
    });

    describe('the length limit', () => {
      it('keeps a side from sending what is longer, and the connection goes on', async () => {
        const { dialled, accepted } = await lab.pair();
        const tooLong = jsonOf(lab.setup.maxMessageBytes + 1);
        expect(() => dialled.connection.send(tooLong)).toThrow(expect.objectContaining({ code: 'too-large' }));
        // Characters are not bytes.
        const wide = jsonOf(Math.floor(lab.setup.maxMessageBytes / 2) + 2, 'é');
        expect(() => dialled.connection.send(wide)).toThrow(expect.objectContaining({ code: 'too-large' }));
        expect(() => dialled.connection.send('')).toThrow(expect.objectContaining({ code: 'bad-argument' }));
        dialled.connection.send('"still here"');
        await lab.time.waitFor(() => accepted.messages.length === 1, 'the next one has come');
      });

      it('ends a connection on which something longer comes, before it is delivered', async () => {
        const { dialled, accepted } = await lab.pair(lab.setup.lenient);
        dialled.connection.send('"before"');
        dialled.connection.send(jsonOf(lab.setup.maxMessageBytes + 1));
        dialled.connection.send('"behind"');
        await lab.time.waitFor(() => accepted.ended && dialled.ended, 'both ends are closed');
        expect(accepted.messages).toEqual(['"before"']);
        expect(accepted.error?.code).toBe('too-large');
      });
    });

    describe('attach', () => {
      it('may come late: events wait for it', async () => {
        const { dialled, accepted } = await lab.ends();
        for (const text of numbers(20)) dialled.send(text);
        dialled.keepAlive();
        dialled.sendData(0, Uint8Array.of(1, 2, 3));
        for (const text of numbers(20)) accepted.send(text);
        await lab.time.settle();
        const there = lab.attach(accepted);
        const back = lab.attach(dialled);
        await lab.time.waitFor(() => there.receivedBytes === 3 && back.messages.length === 20, 'all have come');
        expect(there.events).toEqual([...numbers(20), 'keep-alive', 'data 0: 3']);
        expect(back.messages).toEqual(numbers(20));
      });

      it('may come when the other side has ended already', async () => {
        const { dialled, accepted } = await lab.ends();
        dialled.send('"goodbye"');
        dialled.close();
        await lab.time.settle();
        const recorder = lab.attach(accepted);
        await lab.time.waitFor(() => recorder.ended, 'it is closed');
        expect(recorder.messages).toEqual(['"goodbye"']);
        expect(recorder.error).toBeUndefined();
      });

      it('may come after our own end', async () => {
        const { dialled } = await lab.ends();
        dialled.destroy();
        await lab.time.settle();
        const recorder = lab.attach(dialled);
        await lab.time.waitFor(() => recorder.ended, 'it is closed');
      });

      it('comes once', async () => {
        const { dialled } = await lab.pair();
        expect(() => dialled.connection.attach(dialled)).toThrow(ParleyError);
      });
    });

    describe('back-pressure', () => {
      it('stops reading on pause, goes on with resume, and loses nothing', async () => {
        const { dialled, accepted } = await lab.pair();
        accepted.connection.pause();
        await lab.time.settle();
        flood(dialled.connection, 8 * MIB);
        dialled.connection.send('"end"');
        await lab.time.settle();
        const soFar = accepted.receivedBytes;
        expect(soFar).toBeLessThanOrEqual(CHUNK_BYTES);
        await lab.time.settle();
        expect(accepted.receivedBytes).toBe(soFar);
        accepted.connection.resume();
        await lab.time.waitFor(() => accepted.messages.length === 1, 'all has come');
        expect(accepted.receivedBytes).toBe(8 * MIB);
      });

      it('stops soon when a handler pauses in the middle', async () => {
        const { dialled, accepted } = await lab.pair();
        let pausedAt = 0;
        accepted.onEvent = () => {
          if (pausedAt > 0 || accepted.receivedBytes < MIB) return;
          accepted.connection.pause();
          pausedAt = accepted.receivedBytes;
        };
        flood(dialled.connection, 8 * MIB);
        await lab.time.waitFor(() => pausedAt > 0, 'it is paused');
        await lab.time.settle();
        expect(accepted.receivedBytes - pausedAt).toBeLessThanOrEqual(CHUNK_BYTES);
        accepted.connection.resume();
        await lab.time.waitFor(() => accepted.receivedBytes === 8 * MIB, 'all has come');
      });

      it('shows in `queued`, and `drain` tells when it is over', async () => {
        const { dialled, accepted } = await lab.pair();
        expect(dialled.connection.queued).toBe(0);
        accepted.connection.pause();
        await lab.time.settle();
        flood(dialled.connection, FLOOD_BYTES);
        await lab.time.settle();
        expect(dialled.connection.queued).toBeGreaterThan(4 * MIB);
        expect(dialled.drains).toBe(0);
        accepted.connection.resume();
        await lab.time.waitFor(() => accepted.receivedBytes === FLOOD_BYTES, 'all has come');
        await lab.time.waitFor(() => dialled.drains > 0, 'drain is told');
        expect(dialled.drains).toBe(1);
        await lab.time.waitFor(() => dialled.connection.queued === 0, 'nothing is queued any more');
      });

      it('says nothing of drain where nothing was queued up', async () => {
        const { dialled, accepted } = await lab.pair();
        for (const text of numbers(100)) dialled.connection.send(text);
        await lab.time.waitFor(() => accepted.messages.length === 100, 'all have come');
        await lab.time.settle();
        expect([dialled.drains, dialled.connection.queued]).toEqual([0, 0]);
      });
    });

    describe('ending', () => {
      it('by close sends what is queued, then ends both sides without an error', async () => {
        const { dialled, accepted } = await lab.pair();
        for (const text of numbers(200)) dialled.connection.send(text);
        flood(dialled.connection, 4 * MIB);
        dialled.connection.send('"end"');
        dialled.connection.close();
        await lab.time.waitFor(() => accepted.ended && dialled.ended, 'both ends are closed');
        expect(accepted.messages).toEqual([...numbers(200), '"end"']);
        expect(accepted.receivedBytes).toBe(4 * MIB);
        expect([accepted.error, dialled.error]).toEqual([undefined, undefined]);
      });

      it('by close of the side that was dialled is no different', async () => {
        const { dialled, accepted } = await lab.pair();
        for (const text of numbers(200)) accepted.connection.send(text);
        accepted.connection.close();
        await lab.time.waitFor(() => accepted.ended && dialled.ended, 'both ends are closed');
        expect(dialled.messages).toEqual(numbers(200));
        expect([accepted.error, dialled.error]).toEqual([undefined, undefined]);
      });

      it('by both at once is no error', async () => {
        const { dialled, accepted } = await lab.pair();
        dialled.connection.close();
        accepted.connection.close();
        dialled.connection.close();
        await lab.time.waitFor(() => accepted.ended && dialled.ended, 'both ends are closed');
        expect([accepted.error, dialled.error]).toEqual([undefined, undefined]);
      });

      it('by destroy leaves what is queued, and tells why', async () => {
        const { dialled, accepted } = await lab.pair();
        accepted.connection.pause();
        await lab.time.settle();
        flood(dialled.connection, FLOOD_BYTES);
        const why = new ParleyError('quota', 'enough');
        dialled.connection.destroy(why);
        await lab.time.waitFor(() => dialled.ended, 'our end is closed');
        expect(dialled.error).toBe(why);
        accepted.connection.resume();
        await lab.time.waitFor(() => accepted.ended, 'the other end is closed');
        expect(accepted.receivedBytes).toBeLessThan(FLOOD_BYTES);
      });

      it('by destroy without a reason is no error for us', async () => {
        const { dialled, accepted } = await lab.pair();
        dialled.connection.destroy();
        dialled.connection.destroy();
        await lab.time.waitFor(() => accepted.ended && dialled.ended, 'both ends are closed');
        expect(dialled.error).toBeUndefined();
      });

      it('is told after the call, not within it', async () => {
        const { dialled } = await lab.pair();
        dialled.connection.destroy();
        expect(dialled.ended).toBe(false);
        await lab.time.waitFor(() => dialled.ended, 'it is closed');
      });

      it('from within a handler stops what would have come next', async () => {
        const { dialled, accepted } = await lab.pair();
        accepted.onEvent = () => {
          if (accepted.messages.length === 3) accepted.connection.destroy();
        };
        for (const text of numbers(100)) dialled.connection.send(text);
        await lab.time.waitFor(() => accepted.ended && dialled.ended, 'both ends are closed');
        expect(accepted.messages).toEqual(numbers(3));
      });

      it('makes later calls do nothing', async () => {
        const { dialled, accepted } = await lab.pair();
        dialled.connection.close();
        const callEverything = (): void => {
          dialled.connection.send('"late"');
          dialled.connection.sendData(0, Uint8Array.of(1));
          dialled.connection.keepAlive();
          dialled.connection.pause();
          dialled.connection.resume();
          dialled.connection.close();
        };
        callEverything();
        await lab.time.waitFor(() => accepted.ended && dialled.ended, 'both ends are closed');
        callEverything();
        dialled.connection.destroy();
        await lab.time.settle();
        expect(accepted.events).toEqual([]);
      });
    });

    describe('dialling', () => {
      it('shows the sides who they are', async () => {
        const { dialled, accepted, listener } = await lab.ends();
        expect([dialled.dialled, accepted.dialled]).toEqual([true, false]);
        expect([dialled.transport, accepted.transport]).toEqual([lab.setup.dialler.name, lab.setup.dialler.name]);
        expect(dialled.remoteAddress).toBe(listener.address);
        expect(accepted.remoteAddress).toMatch(/^[^:]+:[1-9]\d{0,4}$/);
        expect(accepted.remoteAddress).not.toBe(listener.address);
        const { certificates } = lab.setup;
        if (certificates === undefined) {
          expect([dialled.peerCertificate, accepted.peerCertificate]).toEqual([undefined, undefined]);
          expect(dialled.binding).toMatch(/./);
          expect(accepted.binding).toBe(dialled.binding);
        } else {
          expect(Buffer.compare(dialled.peerCertificate ?? new Uint8Array(0), certificates.listener)).toBe(0);
          expect(Buffer.compare(accepted.peerCertificate ?? new Uint8Array(0), certificates.dialler)).toBe(0);
          expect([dialled.binding, accepted.binding]).toEqual([undefined, undefined]);
        }
      });

      it('where nobody listens is refused', async () => {
        await expect(lab.dial(await lab.setup.nobody())).rejects.toMatchObject({ code: 'refused' });
      });

      it.each(['', 'nonsense', 'host:', ':80', 'host:99999', 'host:-1', 'host:0'])('what is no address fails: "%s"', async (address) => {
        await expect(lab.dial(address)).rejects.toMatchObject({ code: 'bad-argument' });
      });

      it('can be given up at once and later', async () => {
        const early = new AbortController();
        early.abort();
        const address = await lab.setup.silent();
        await expect(lab.time.until(lab.setup.dialler.dial(address, early.signal))).rejects.toMatchObject({ code: 'aborted' });
        const later = new AbortController();
        const attempt = lab.setup.dialler.dial(address, later.signal);
        const outcome = attempt.then(
          () => 'connected',
          (error: ParleyError) => error.code,
        );
        await lab.time.settle();
        later.abort();
        expect(await lab.time.until(outcome)).toBe('aborted');
      });

      it('is not undone by giving up after it succeeded', async () => {
        const accepted: Recorder[] = [];
        const listener = await lab.listen((connection) => accepted.push(lab.attach(connection)));
        const controller = new AbortController();
        const connection = await lab.time.until(lab.setup.dialler.dial(listener.address, controller.signal));
        const recorder = lab.attach(connection);
        controller.abort();
        connection.send('"still here"');
        await lab.time.waitFor(() => accepted[0]?.messages.length === 1, 'it has come');
        expect(recorder.ended).toBe(false);
        connection.destroy();
      });

      it('serves many at a time', async () => {
        const count = 200;
        const accepted: Recorder[] = [];
        const listener = await lab.listen((connection) => {
          const recorder = lab.attach(connection);
          recorder.onEvent = () => {
            const last = recorder.messages.at(-1);
            if (last !== undefined && !recorder.ended) connection.send(last);
          };
          accepted.push(recorder);
        });
        const dialled: Recorder[] = [];
        for (let batch = 0; batch < count; batch += 20) {
          const connections = await Promise.all(Array.from({ length: 20 }, () => lab.dial(listener.address)));
          for (const connection of connections) dialled.push(lab.attach(connection));
        }
        for (const [index, recorder] of dialled.entries()) recorder.connection.send(`"${index}"`);
        await lab.time.waitFor(() => dialled.every((recorder) => recorder.messages.length === 1), 'everyone has an answer');
        expect(dialled.map((recorder) => recorder.messages[0])).toEqual(dialled.map((_, index) => `"${index}"`));
        expect(new Set(accepted.map((recorder) => recorder.connection.remoteAddress)).size).toBe(count);
      });
    });

    describe('listening', () => {
      it('on port 0 takes a free port, and says which', async () => {
        const [first, second] = [await lab.listen(() => {}), await lab.listen(() => {})];
        expect(first.address).toMatch(/^[^:]+:[1-9]\d{0,4}$/);
        expect(second.address).not.toBe(first.address);
      });

      it('on an address in use fails, and works when it is free again', async () => {
        const first = await lab.listen(() => {});
        await expect(lab.listen(() => {}, first.address)).rejects.toMatchObject({ code: 'in-use' });
        await lab.time.until(first.close());
        const second = await lab.listen(() => {}, first.address);
        expect(second.address).toBe(first.address);
      });

      it('on what is no address fails', async () => {
        await expect(lab.listen(() => {}, 'nonsense')).rejects.toMatchObject({ code: 'bad-argument' });
      });

      it('ends with close, once or twice; connections go on', async () => {
        const { dialled, accepted, listener } = await lab.ends();
        await lab.time.until(listener.close());
        await lab.time.until(listener.close());
        await expect(lab.dial(listener.address)).rejects.toMatchObject({ code: 'refused' });
        const recorder = lab.attach(accepted);
        lab.attach(dialled);
        dialled.send('"still here"');
        await lab.time.waitFor(() => recorder.messages.length === 1, 'it has come');
      });
    });
  });
}
