import type { Connection, ParleyError } from '@parley/core';
import { describe, expect, it } from 'vitest';
import type { TransportLab } from './transport-lab.ts';

/** The part of the transport contract that is about connections which both sides open. */
export function meetingContract(lab: () => TransportLab): void {
  /** A meeting, and where each side finds the other. */
  async function agreed() {
    const { dialler, listener } = await lab().meetings();
    const { hosts } = lab().setup;
    return { dialler, listener, toDialler: `${hosts?.dialler}:${dialler.port}`, toListener: `${hosts?.listener}:${listener.port}` };
  }

  const codeOf = (attempt: Promise<unknown>): Promise<string> =>
    attempt.then(
      () => 'opened',
      (error: ParleyError) => error.code,
    );

  function abortable(): { signal: AbortSignal; abort: () => void } {
    const controller = new AbortController();
    return { signal: controller.signal, abort: () => controller.abort() };
  }

  describe('meeting', () => {
    it.each([true, false])('opens one connection, whoever begins (the one who dials: %s)', async (dialsFirst) => {
      const { dialler, listener, toDialler, toListener } = await agreed();
      const dial = () => lab().open(dialler, toListener, true);
      const accept = () => lab().open(listener, toDialler, false);
      const first = (dialsFirst ? dial : accept)();
      await lab().time.settle();
      const second = (dialsFirst ? accept : dial)();
      const [dialled, accepted] = await lab().time.until(dialsFirst ? Promise.all([first, second]) : Promise.all([second, first]));
      expect([dialled.dialled, accepted.dialled]).toEqual([true, false]);
      expect([dialled.transport, accepted.transport]).toEqual(['punched-tcp', 'punched-tcp']);
      expect([dialled.remoteAddress, accepted.remoteAddress]).toEqual([toListener, toDialler]);
      const { certificates } = lab().setup;
      expect(dialled.peerCertificate && Buffer.compare(dialled.peerCertificate, certificates?.listener ?? new Uint8Array())).toBe(
        certificates && 0,
      );
      expect(accepted.peerCertificate && Buffer.compare(accepted.peerCertificate, certificates?.dialler ?? new Uint8Array())).toBe(
        certificates && 0,
      );
      const ends = [lab().attach(dialled), lab().attach(accepted)];
      for (const meeting of [dialler, listener]) meeting.close();
      dialled.send('"from the one who dials"');
      accepted.send('"and back"');
      await lab().time.waitFor(() => ends.every(({ messages }) => messages.length === 1), 'what was sent');
      expect(ends.map(({ messages }) => messages)).toEqual([['"and back"'], ['"from the one who dials"']]);
    });

    it('takes another port each time', async () => {
      const [one, two] = [await agreed(), await agreed()];
      expect(one.dialler.port).not.toBe(two.dialler.port);
      expect(one.listener.port).not.toBe(two.listener.port);
    });

    it.each([true, false])('takes no connection with somebody else than is meant (for the one who dials: %s)', async (dials) => {
      const { dialler, listener, toDialler, toListener } = await agreed();
      const { signal, abort } = abortable();
      const shown: (Uint8Array | undefined)[] = [];
      const isMeant = async ({ peerCertificate }: Connection): Promise<boolean> => shown.push(peerCertificate) === 0;
      const attempts = [
        codeOf(lab().open(dialler, toListener, true, dials ? { isMeant, signal } : { signal })),
        codeOf(lab().open(listener, toDialler, false, dials ? { signal } : { isMeant, signal })),
      ];
      await lab().time.waitFor(() => shown.length > 0, 'the question');
      const { certificates } = lab().setup;
      expect(shown[0] && Buffer.compare(shown[0], (dials ? certificates?.listener : certificates?.dialler) ?? new Uint8Array())).toBe(
        certificates && 0,
      );
      abort();
      expect(await lab().time.until(attempts[dials ? 0 : 1] ?? Promise.resolve(''))).toBe('aborted');
      await lab().time.until(Promise.all(attempts));
    });

    it('can be given up', async () => {
      const { dialler, toListener } = await agreed();
      const { signal, abort } = abortable();
      const attempt = codeOf(lab().open(dialler, toListener, true, { signal }));
      await lab().time.settle();
      abort();
      expect(await lab().time.until(attempt)).toBe('aborted');
    });

    it('that was closed opens nothing', async () => {
      const { dialler, listener, toDialler, toListener } = await agreed();
      const attempt = codeOf(lab().open(dialler, toListener, true));
      await lab().time.settle();
      dialler.close();
      expect(await lab().time.until(attempt)).toBe('aborted');
      listener.close();
      expect(await lab().time.until(codeOf(lab().open(listener, toDialler, false)))).toBe('aborted');
    });

    it.each(['', 'nonsense', 'host:', ':80', '192.0.2.1:99999', '192.0.2.1:0'])('with what is no address fails: "%s"', async (address) => {
      const { dialler } = await agreed();
      expect(await codeOf(lab().open(dialler, address, true))).toBe('bad-argument');
    });
  });
}
