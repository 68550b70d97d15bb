import type { IncomingTransfer, ParleyError, TransferSink } from '@parley/core';
import type { Party } from './link-lab.ts';

/** What came by one transfer. */
export interface Received {
  readonly about: IncomingTransfer;
  bytes: number;
  readonly parts: Uint8Array[];
  readonly closings: (ParleyError | undefined)[];
}

/** Takes transfers of the kind `test`, keeping what comes. */
export function take(
  party: Party,
  answer: (received: Received, bytes: Uint8Array) => undefined | Promise<void> = () => undefined,
): Received[] {
  const all: Received[] = [];
  party.links.handleTransfers('test', (about): TransferSink => {
    const received: Received = { about, bytes: 0, parts: [], closings: [] };
    all.push(received);
    return {
      data(bytes) {
        received.bytes += bytes.length;
        if (received.bytes < 1_000_000) received.parts.push(bytes.slice());
        return answer(received, bytes);
      },
      closed: (error) => received.closings.push(error),
    };
  });
  return all;
}

/** How a promise ended: `done`, or the code of its error. */
export const outcome = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: ParleyError) => error.code,
  );
