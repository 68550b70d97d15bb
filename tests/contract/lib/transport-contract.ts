import { afterEach, beforeEach, describe } from 'vitest';
import { diallingContract } from './transport-dialling.ts';
import { endingContract } from './transport-ending.ts';
import { framesContract } from './transport-frames.ts';
import { TransportLab, type TransportSetup } from './transport-lab.ts';
import { meetingContract } from './transport-meeting.ts';

/** What every transport does (ports/transport.ts); `meets`: connections can be opened from both ends. Each test gets a setup of its own. */
export function transportContract(name: string, setup: () => Promise<TransportSetup>, { meets = false } = {}): void {
  describe(`transport: ${name}`, () => {
    let current: TransportLab;
    const lab = (): TransportLab => current;
    beforeEach(async () => {
      current = new TransportLab(await setup());
    });
    afterEach(() => current.finish());

    framesContract(lab);
    endingContract(lab);
    diallingContract(lab);
    if (meets) meetingContract(lab);
  });
}
