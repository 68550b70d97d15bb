import { ParleyError } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { CHUNK_BYTES, FLOOD_BYTES, flood, MIB, numbers } from './payloads.ts';
import type { TransportLab } from './transport-lab.ts';

/** The part of the transport contract that is about back-pressure and the end of connections. */
export function endingContract(lab: () => TransportLab): void {
  describe('back-pressure', () => {
    it('stops reading on pause, goes on with resume, and loses nothing', async () => {
      const { dialled, accepted } = await lab().pair();
      accepted.connection.pause();
      await lab().time.settle();
      flood(dialled.connection, 8 * MIB);
      dialled.connection.send('"end"');
      await lab().time.settle();
      const soFar = accepted.receivedBytes;
      expect(soFar).toBeLessThanOrEqual(CHUNK_BYTES);
      await lab().time.settle();
      expect(accepted.receivedBytes).toBe(soFar);
      accepted.connection.resume();
      await lab().time.waitFor(() => accepted.messages.length === 1, 'all has come');
      expect(accepted.receivedBytes).toBe(8 * MIB);
    });

    it('stops soon when a handler pauses in the middle', async () => {
      const { dialled, accepted } = await lab().pair();
      let pausedAt = 0;
      accepted.onEvent = () => {
        if (pausedAt > 0 || accepted.receivedBytes < MIB) return;
        accepted.connection.pause();
        pausedAt = accepted.receivedBytes;
      };
      flood(dialled.connection, 8 * MIB);
      await lab().time.waitFor(() => pausedAt > 0, 'it is paused');
      await lab().time.settle();
      expect(accepted.receivedBytes - pausedAt).toBeLessThanOrEqual(CHUNK_BYTES);
      accepted.connection.resume();
      await lab().time.waitFor(() => accepted.receivedBytes === 8 * MIB, 'all has come');
    });

    it('shows in `queued`, and `drain` tells when it is over', async () => {
      const { dialled, accepted } = await lab().pair();
      expect(dialled.connection.queued).toBe(0);
      accepted.connection.pause();
      await lab().time.settle();
      flood(dialled.connection, FLOOD_BYTES);
      await lab().time.settle();
      expect(dialled.connection.queued).toBeGreaterThan(4 * MIB);
      expect(dialled.drains).toBe(0);
      accepted.connection.resume();
      await lab().time.waitFor(() => accepted.receivedBytes === FLOOD_BYTES, 'all has come');
      await lab().time.waitFor(() => dialled.drains > 0, 'drain is told');
      expect(dialled.drains).toBe(1);
      await lab().time.waitFor(() => dialled.connection.queued === 0, 'nothing is queued any more');
    });

    it('says nothing of drain where nothing was queued up', async () => {
      const { dialled, accepted } = await lab().pair();
      for (const text of numbers(100)) dialled.connection.send(text);
      await lab().time.waitFor(() => accepted.messages.length === 100, 'all have come');
      await lab().time.settle();
      expect([dialled.drains, dialled.connection.queued]).toEqual([0, 0]);
    });
  });

  describe('ending', () => {
    it('by close sends what is queued, then ends both sides without an error', async () => {
      const { dialled, accepted } = await lab().pair();
      for (const text of numbers(200)) dialled.connection.send(text);
      flood(dialled.connection, 4 * MIB);
      dialled.connection.send('"end"');
      dialled.connection.close();
      await lab().time.waitFor(() => accepted.ended && dialled.ended, 'both ends are closed');
      expect(accepted.messages).toEqual([...numbers(200), '"end"']);
      expect(accepted.receivedBytes).toBe(4 * MIB);
      expect([accepted.error, dialled.error]).toEqual([undefined, undefined]);
    });

    it('by close of the side that was dialled is no different', async () => {
      const { dialled, accepted } = await lab().pair();
      for (const text of numbers(200)) accepted.connection.send(text);
      accepted.connection.close();
      await lab().time.waitFor(() => accepted.ended && dialled.ended, 'both ends are closed');
      expect(dialled.messages).toEqual(numbers(200));
      expect([accepted.error, dialled.error]).toEqual([undefined, undefined]);
    });

    it('by both at once is no error', async () => {
      const { dialled, accepted } = await lab().pair();
      dialled.connection.close();
      accepted.connection.close();
      dialled.connection.close();
      await lab().time.waitFor(() => accepted.ended && dialled.ended, 'both ends are closed');
      expect([accepted.error, dialled.error]).toEqual([undefined, undefined]);
    });

    it('by destroy leaves what is queued, and tells why', async () => {
      const { dialled, accepted } = await lab().pair();
      accepted.connection.pause();
      await lab().time.settle();
      flood(dialled.connection, FLOOD_BYTES);
      const why = new ParleyError('quota', 'enough');
      dialled.connection.destroy(why);
      await lab().time.waitFor(() => dialled.ended, 'our end is closed');
      expect(dialled.error).toBe(why);
      accepted.connection.resume();
      await lab().time.waitFor(() => accepted.ended, 'the other end is closed');
      expect(accepted.receivedBytes).toBeLessThan(FLOOD_BYTES);
    });

    it('by destroy without a reason is no error for us', async () => {
      const { dialled, accepted } = await lab().pair();
      dialled.connection.destroy();
      dialled.connection.destroy();
      await lab().time.waitFor(() => accepted.ended && dialled.ended, 'both ends are closed');
      expect(dialled.error).toBeUndefined();
    });

    it('is told after the call, not within it', async () => {
      const { dialled } = await lab().pair();
      dialled.connection.destroy();
      expect(dialled.ended).toBe(false);
      await lab().time.waitFor(() => dialled.ended, 'it is closed');
    });

    it('from within a handler stops what would have come next', async () => {
      const { dialled, accepted } = await lab().pair();
      accepted.onEvent = () => {
        if (accepted.messages.length === 3) accepted.connection.destroy();
      };
      for (const text of numbers(100)) dialled.connection.send(text);
      await lab().time.waitFor(() => accepted.ended && dialled.ended, 'both ends are closed');
      expect(accepted.messages).toEqual(numbers(3));
    });

    it('makes later calls do nothing', async () => {
      const { dialled, accepted } = await lab().pair();
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
      await lab().time.waitFor(() => accepted.ended && dialled.ended, 'both ends are closed');
      callEverything();
      dialled.connection.destroy();
      await lab().time.settle();
      expect(accepted.events).toEqual([]);
    });
  });
}
