import { ParleyError } from '@parley/core';
import { Recorder, SeededRandom } from '@parley/sim';
import { describe, expect, it } from 'vitest';
import { jsonOf, MIB, numbers } from './payloads.ts';
import type { TransportLab } from './transport-lab.ts';

/** The part of the transport contract that is about what is carried. */
export function framesContract(lab: () => TransportLab): void {
  describe('frames', () => {
    it('come in order, in both directions at once', async () => {
      const { dialled, accepted } = await lab().pair();
      const there = numbers(2000);
      const back = numbers(2000).map((text) => `"${text}"`);
      for (let i = 0; i < there.length; i++) {
        dialled.connection.send(there[i] as string);
        accepted.connection.send(back[i] as string);
      }
      await lab().time.waitFor(() => accepted.messages.length === 2000 && dialled.messages.length === 2000, 'all have come');
      expect(accepted.messages).toEqual(there);
      expect(dialled.messages).toEqual(back);
    });

    it('of every kind keep their order among each other', async () => {
      const { dialled, accepted } = await lab().pair();
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
      await lab().time.waitFor(() => accepted.messages.at(-1) === '"end"', 'the last one has come');
      expect(accepted.events).toEqual(expected.events);
      for (const transfer of [0, 1, 2]) {
        expect(Buffer.compare(accepted.received(transfer), expected.received(transfer)), `bytes of transfer ${transfer}`).toBe(0);
      }
    });

    it('may be as small and as large as the limit allows', async () => {
      const { dialled, accepted } = await lab().pair();
      const sizes = [2, 3, 4095, 4096, 16_384, 16_385, 65_536, lab().setup.maxMessageBytes - 1, lab().setup.maxMessageBytes];
      dialled.connection.send('1');
      for (const size of sizes) dialled.connection.send(jsonOf(size));
      await lab().time.waitFor(() => accepted.messages.length === sizes.length + 1, 'all have come');
      expect(accepted.messages.map((text) => text.length)).toEqual([1, ...sizes]);
    });

    it('carry text as UTF-8', async () => {
      const { dialled, accepted } = await lab().pair();
      const text = JSON.stringify({ text: 'ßé漢字🎈\u0000\u2028', key: 'עברית' });
      dialled.connection.send(text);
      await lab().time.waitFor(() => accepted.messages.length === 1, 'it has come');
      expect(accepted.messages).toEqual([text]);
    });

    it('carry any bytes under any transfer number', async () => {
      const { dialled, accepted } = await lab().pair();
      const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
      for (const transfer of [0, 1, 2 ** 31, 2 ** 32 - 1]) dialled.connection.sendData(transfer, bytes.slice());
      await lab().time.waitFor(() => accepted.receivedBytes === 4 * 256, 'all have come');
      for (const transfer of [0, 1, 2 ** 31, 2 ** 32 - 1]) expect([...accepted.received(transfer)]).toEqual([...bytes]);
    });

    it('carry more data in one call than fits in one frame', async () => {
      const { dialled, accepted } = await lab().pair();
      const bytes = new SeededRandom('large').bytes(3 * MIB + 17);
      dialled.connection.sendData(2, bytes.slice());
      await lab().time.waitFor(() => accepted.receivedBytes === bytes.length, 'all has come');
      expect(Buffer.compare(accepted.received(2), bytes)).toBe(0);
    });

    it('may be sent from within a handler', async () => {
      const { dialled, accepted } = await lab().pair();
      accepted.onEvent = () => {
        const last = accepted.messages.at(-1);
        if (last !== undefined && Number(last) < 50) accepted.connection.send(String(Number(last) + 1));
      };
      dialled.onEvent = () => {
        const last = dialled.messages.at(-1);
        if (last !== undefined && Number(last) < 50) dialled.connection.send(String(Number(last) + 1));
      };
      dialled.connection.send('0');
      await lab().time.waitFor(() => accepted.messages.at(-1) === '50', 'the 50th answer has come');
      expect(accepted.messages).toEqual(numbers(51).filter((text) => Number(text) % 2 === 0));
    });
  });

  describe('the length limit', () => {
    it('keeps a side from sending what is longer, and the connection goes on', async () => {
      const { dialled, accepted } = await lab().pair();
      const tooLong = jsonOf(lab().setup.maxMessageBytes + 1);
      expect(() => dialled.connection.send(tooLong)).toThrow(expect.objectContaining({ code: 'too-large' }));
      // Characters are not bytes.
      const wide = jsonOf(Math.floor(lab().setup.maxMessageBytes / 2) + 2, 'é');
      expect(() => dialled.connection.send(wide)).toThrow(expect.objectContaining({ code: 'too-large' }));
      expect(() => dialled.connection.send('')).toThrow(expect.objectContaining({ code: 'bad-argument' }));
      dialled.connection.send('"still here"');
      await lab().time.waitFor(() => accepted.messages.length === 1, 'the next one has come');
    });

    it('ends a connection on which something longer comes, before it is delivered', async () => {
      const { dialled, accepted } = await lab().pair(lab().setup.lenient);
      dialled.connection.send('"before"');
      dialled.connection.send(jsonOf(lab().setup.maxMessageBytes + 1));
      dialled.connection.send('"behind"');
      await lab().time.waitFor(() => accepted.ended && dialled.ended, 'both ends are closed');
      expect(accepted.messages).toEqual(['"before"']);
      expect(accepted.error?.code).toBe('too-large');
    });
  });

  describe('attach', () => {
    it('may come late: events wait for it', async () => {
      const { dialled, accepted } = await lab().ends();
      for (const text of numbers(20)) dialled.send(text);
      dialled.keepAlive();
      dialled.sendData(0, Uint8Array.of(1, 2, 3));
      for (const text of numbers(20)) accepted.send(text);
      await lab().time.settle();
      const there = lab().attach(accepted);
      const back = lab().attach(dialled);
      await lab().time.waitFor(() => there.receivedBytes === 3 && back.messages.length === 20, 'all have come');
      expect(there.events).toEqual([...numbers(20), 'keep-alive', 'data 0: 3']);
      expect(back.messages).toEqual(numbers(20));
    });

    it('may come when the other side has ended already', async () => {
      const { dialled, accepted } = await lab().ends();
      dialled.send('"goodbye"');
      dialled.close();
      await lab().time.settle();
      const recorder = lab().attach(accepted);
      await lab().time.waitFor(() => recorder.ended, 'it is closed');
      expect(recorder.messages).toEqual(['"goodbye"']);
      expect(recorder.error).toBeUndefined();
    });

    it('may come after our own end', async () => {
      const { dialled } = await lab().ends();
      dialled.destroy();
      await lab().time.settle();
      const recorder = lab().attach(dialled);
      await lab().time.waitFor(() => recorder.ended, 'it is closed');
    });

    it('comes once', async () => {
      const { dialled } = await lab().pair();
      expect(() => dialled.connection.attach(dialled)).toThrow(ParleyError);
    });
  });
}
