import type { ParleyError } from '@parley/core';
import type { Recorder } from '@parley/sim';
import { describe, expect, it } from 'vitest';
import type { TransportLab } from './transport-lab.ts';

/** The part of the transport contract that is about dialling and listening. */
export function diallingContract(lab: () => TransportLab): void {
  describe('dialling', () => {
    it('shows the sides who they are', async () => {
      const { dialled, accepted, listener } = await lab().ends();
      expect([dialled.dialled, accepted.dialled]).toEqual([true, false]);
      expect([dialled.transport, accepted.transport]).toEqual([lab().setup.dialler.name, lab().setup.dialler.name]);
      expect(dialled.remoteAddress).toBe(listener.address);
      expect(accepted.remoteAddress).toMatch(/^[^:]+:[1-9]\d{0,4}$/);
      expect(accepted.remoteAddress).not.toBe(listener.address);
      const { certificates } = lab().setup;
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
      await expect(lab().dial(await lab().setup.nobody())).rejects.toMatchObject({ code: 'refused' });
    });

    it.each(['', 'nonsense', 'host:', ':80', 'host:99999', 'host:-1', 'host:0'])('what is no address fails: "%s"', async (address) => {
      await expect(lab().dial(address)).rejects.toMatchObject({ code: 'bad-argument' });
    });

    it('can be given up at once and later', async () => {
      const early = new AbortController();
      early.abort();
      const address = await lab().setup.silent();
      await expect(lab().time.until(lab().setup.dialler.dial(address, early.signal))).rejects.toMatchObject({ code: 'aborted' });
      const later = new AbortController();
      const attempt = lab().setup.dialler.dial(address, later.signal);
      const outcome = attempt.then(
        () => 'connected',
        (error: ParleyError) => error.code,
      );
      await lab().time.settle();
      later.abort();
      expect(await lab().time.until(outcome)).toBe('aborted');
    });

    it('is not undone by giving up after it succeeded', async () => {
      const accepted: Recorder[] = [];
      const listener = await lab().listen((connection) => accepted.push(lab().attach(connection)));
      const controller = new AbortController();
      const connection = await lab().time.until(lab().setup.dialler.dial(listener.address, controller.signal));
      const recorder = lab().attach(connection);
      controller.abort();
      connection.send('"still here"');
      await lab().time.waitFor(() => accepted[0]?.messages.length === 1, 'it has come');
      expect(recorder.ended).toBe(false);
      connection.destroy();
    });

    it('serves many at a time', async () => {
      const count = 200;
      const accepted: Recorder[] = [];
      const listener = await lab().listen((connection) => {
        const recorder = lab().attach(connection);
        recorder.onEvent = () => {
          const last = recorder.messages.at(-1);
          if (last !== undefined && !recorder.ended) connection.send(last);
        };
        accepted.push(recorder);
      });
      const dialled: Recorder[] = [];
      for (let batch = 0; batch < count; batch += 20) {
        const connections = await Promise.all(Array.from({ length: 20 }, () => lab().dial(listener.address)));
        for (const connection of connections) dialled.push(lab().attach(connection));
      }
      for (const [index, recorder] of dialled.entries()) recorder.connection.send(`"${index}"`);
      await lab().time.waitFor(() => dialled.every((recorder) => recorder.messages.length === 1), 'everyone has an answer');
      expect(dialled.map((recorder) => recorder.messages[0])).toEqual(dialled.map((_, index) => `"${index}"`));
      expect(new Set(accepted.map((recorder) => recorder.connection.remoteAddress)).size).toBe(count);
    });
  });

  describe('listening', () => {
    it('on port 0 takes a free port, and says which', async () => {
      const [first, second] = [await lab().listen(() => {}), await lab().listen(() => {})];
      expect(first.address).toMatch(/^[^:]+:[1-9]\d{0,4}$/);
      expect(second.address).not.toBe(first.address);
    });

    it('on an address in use fails, and works when it is free again', async () => {
      const first = await lab().listen(() => {});
      await expect(lab().listen(() => {}, first.address)).rejects.toMatchObject({ code: 'in-use' });
      await lab().time.until(first.close());
      const second = await lab().listen(() => {}, first.address);
      expect(second.address).toBe(first.address);
    });

    it('on what is no address fails', async () => {
      await expect(lab().listen(() => {}, 'nonsense')).rejects.toMatchObject({ code: 'bad-argument' });
    });

    it('ends with close, once or twice; connections go on', async () => {
      const { dialled, accepted, listener } = await lab().ends();
      await lab().time.until(listener.close());
      await lab().time.until(listener.close());
      await expect(lab().dial(listener.address)).rejects.toMatchObject({ code: 'refused' });
      const recorder = lab().attach(accepted);
      lab().attach(dialled);
      dialled.send('"still here"');
      await lab().time.waitFor(() => recorder.messages.length === 1, 'it has come');
    });
  });
}
