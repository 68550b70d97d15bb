import { parentPort } from 'node:worker_threads';
import { answerEntries } from './batch.ts';
import { verify } from './ed25519.ts';

/** The other thread (`verifier.ts`): says that it is there, and answers batches in the order in which they come. */
parentPort?.on('message', ({ buffer, count }: { readonly buffer: Uint8Array<ArrayBuffer>; readonly count: number }) => {
  answerEntries(buffer, count, verify);
  parentPort?.postMessage(buffer, [buffer.buffer]);
});
parentPort?.postMessage('ready');
