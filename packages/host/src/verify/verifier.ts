import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Awaitable, Log } from '@parley/core';
import { entryBytes, writeEntry } from './batch.ts';
import { isShaped, verify } from './ed25519.ts';

/** So many signatures of a turn are checked in it: whoever sends one at a time waits for nobody. */
const IN_TURN = 2;
/** A turn with so many is the first burst: from then on there is a thread. */
const FIRST_BURST = 16;
/** Signatures in a batch: the thread is to begin while the rest of a burst is still being read. */
const BATCH = 8;
const BATCH_BYTES = 16 * 1024;
/** Batches at the thread. When there are more, this one is the sooner of the two. */
const MAX_BATCHES = 16;
/** So many are checked here, and wait for their turn, while the thread owes one: it gets too little of its core, and all that comes would pile up behind it. */
const MAX_BEHIND = 256;

/** A signature that waits: also here, should the thread be lost. */
interface Entry {
  readonly publicKey: Uint8Array;
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
  readonly settle: (fits: boolean) => void;
}

interface Batch {
  readonly buffer: Uint8Array<ArrayBuffer>;
  length: number;
  readonly entries: Entry[];
}

export interface VerifierOptions {
  readonly log?: Log;
  /** The thread's program. */
  readonly program?: URL;
  /** Cores that this process may use. */
  readonly cores?: number;
}

/** Beside this file; from the sources, that of the build. */
const PROGRAM = new URL(import.meta.url.endsWith('.ts') ? '../../dist/verify/thread.js' : './thread.js', import.meta.url);

/**
 * Checks Ed25519 signatures: at once while they come one by one, and those of a burst on a second core, where there is one, so that a node
 * under load goes on reading (ADR 0045). Answers come as they are ready: `inOrder` keeps their order. The thread begins with the first burst, and keeps no process
 * alive that waits for nothing of it; where it fails all is checked here.
 */
export class Verifier {
  readonly #options: VerifierOptions;
  readonly #sent: Batch[] = [];
  readonly #free: Uint8Array<ArrayBuffer>[] = [];
  #thread: Worker | undefined;
  #state: 'none' | 'starting' | 'ready' | 'lost' = 'none';
  /** Signatures of this turn. */
  #asked = 0;
  /** Signatures that were checked here since the thread has owed one. */
  #behind = 0;
  #batch: Batch | undefined;

  constructor(options: VerifierOptions = {}) {
    this.#options = options;
    if ((options.cores ?? availableParallelism()) < 2) this.#state = 'lost';
  }

  /** Strict Ed25519 (RFC 8032); false for anything malformed. What it is given must stay as it is until the answer is there. */
  verify(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): Awaitable<boolean> {
    if (this.#asked++ === 0) setImmediate(this.#ended);
    if (this.#asked === FIRST_BURST && this.#state === 'none') this.#start();
    const isAlone = this.#asked <= IN_TURN || this.#state !== 'ready' || this.#sent.length >= MAX_BATCHES;
    const bytes = entryBytes(data);
    if (isAlone || bytes > BATCH_BYTES || !isShaped(publicKey, signature)) {
      if (this.#sent.length > 0 && ++this.#behind >= MAX_BEHIND) this.#checkOwed();
      return verify(publicKey, data, signature);
    }
    if (this.#batch && this.#batch.length + bytes > BATCH_BYTES) this.#send(this.#batch);
    this.#batch ??= { buffer: this.#free.pop() ?? new Uint8Array(BATCH_BYTES), length: 0, entries: [] };
    const batch = this.#batch;
    batch.length = writeEntry(batch.buffer, batch.length, publicKey, data, signature);
    return new Promise((settle) => {
      batch.entries.push({ publicKey, data, signature, settle });
      if (batch.entries.length >= BATCH) this.#send(batch);
    });
  }

  readonly #ended = (): void => {
    this.#asked = 0;
    if (this.#batch && this.#batch.entries.length > 0) this.#send(this.#batch);
  };

  #send(batch: Batch): void {
    this.#batch = undefined;
    // Whoever waits for an answer, to close a store perhaps, gets it before the process ends.
    this.#sent.push(batch);
    this.#thread?.ref();
    this.#thread?.postMessage({ buffer: batch.buffer, count: batch.entries.length }, [batch.buffer.buffer]);
    if (this.#state === 'lost') this.#checkHere();
  }

  #start(): void {
    this.#state = 'starting';
    let thread: Worker;
    try {
      // Not with the arguments of the process: some of them are not for files.
      thread = new Worker(this.#options.program ?? PROGRAM, { execArgv: [] });
    } catch (error) {
      // Where Node.js does not allow any (`--permission`) it says so at once.
      this.#lose(error);
      return;
    }
    thread.once('error', (error) => this.#lose(error));
    thread.once('exit', () => this.#lose(new Error('it ended')));
    thread.on('message', (answers: 'ready' | Uint8Array<ArrayBuffer>) => {
      if (answers === 'ready') this.#state = 'ready';
      else this.#answered(answers);
    });
    // Last: whoever begins to listen holds the process again.
    thread.unref();
    this.#thread = thread;
  }

  #answered(answers: Uint8Array<ArrayBuffer>): void {
    const batch = this.#sent.shift();
    if (!batch) return;
    this.#behind = 0;
    if (this.#sent.length === 0) this.#thread?.unref();
    this.#free.push(answers);
    for (const [number, { settle }] of batch.entries.entries()) settle(answers[number] === 1);
  }

  #lose(error: unknown): void {
    if (this.#state === 'lost') return;
    this.#state = 'lost';
    this.#thread = undefined;
    this.#options.log?.warn('signatures are checked on one core from now on', { error: String(error) });
    this.#checkHere();
  }

  /** What the thread owes, and will not answer. */
  #checkHere(): void {
    this.#checkOwed();
    this.#sent.length = 0;
  }

  /** What is owed is answered here. Batches that the thread has stay with it until they come back: it gets no others before. */
  #checkOwed(): void {
    this.#behind = 0;
    const batches = this.#batch ? [...this.#sent, this.#batch] : this.#sent;
    for (const { entries } of batches)
      for (const { publicKey, data, signature, settle } of entries.splice(0)) settle(verify(publicKey, data, signature));
    if (this.#batch) this.#batch.length = 0;
    this.#thread?.unref();
  }
}
