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
/** When so many answers are owed the thread gets too little of its core, and all that comes would pile up behind it. */
const MAX_OWED = MAX_BATCHES * BATCH + 256;

/** An answer that is owed. What it is about is kept, should the thread be lost. */
interface Owed {
  readonly publicKey: Uint8Array;
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
  readonly give: (fits: boolean) => void;
  /** Undefined until it is known. It is given when all before it are. */
  fits: boolean | undefined;
}

interface Batch {
  readonly buffer: Uint8Array<ArrayBuffer>;
  length: number;
  readonly entries: Owed[];
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
 * under load goes on reading (ADR 0045). Answers come in the order in which they were asked for. The thread begins with the first burst, and
 * keeps no process alive that waits for nothing of it; where it fails all is checked here.
 */
export class Verifier {
  readonly #options: VerifierOptions;
  /** At the thread, the first of them first. */
  readonly #sent: Batch[] = [];
  readonly #free: Uint8Array<ArrayBuffer>[] = [];
  /** Every answer that is owed, the first of them first. */
  readonly #owed: Owed[] = [];
  /** So many times answers were given, and who waited for them has not gone on yet: whoever asks meanwhile is behind them. */
  #giving = 0;
  #thread: Worker | undefined;
  #state: 'none' | 'starting' | 'ready' | 'lost' = 'none';
  /** Signatures of this turn. */
  #asked = 0;
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
    const isHere = isAlone || entryBytes(data) > BATCH_BYTES || !isShaped(publicKey, signature);
    const fits = isHere ? verify(publicKey, data, signature) : undefined;
    if (fits !== undefined && this.#owed.length === 0 && this.#giving === 0) return fits;
    return new Promise((give) => {
      const owed: Owed = { publicKey, data, signature, give, fits };
      this.#owed.push(owed);
      if (fits === undefined) this.#add(owed);
      if (this.#owed.length >= MAX_OWED) this.#checkOwed();
    });
  }

  readonly #ended = (): void => {
    this.#asked = 0;
    if (this.#batch) this.#send(this.#batch);
  };

  #add(owed: Owed): void {
    if (this.#batch && this.#batch.length + entryBytes(owed.data) > BATCH_BYTES) this.#send(this.#batch);
    this.#batch ??= { buffer: this.#free.pop() ?? new Uint8Array(BATCH_BYTES), length: 0, entries: [] };
    const batch = this.#batch;
    batch.length = writeEntry(batch.buffer, batch.length, owed.publicKey, owed.data, owed.signature);
    batch.entries.push(owed);
    if (batch.entries.length >= BATCH) this.#send(batch);
  }

  #send(batch: Batch): void {
    this.#batch = undefined;
    this.#sent.push(batch);
    // Whoever waits for an answer, to close a store perhaps, gets it before the process ends.
    this.#thread?.ref();
    this.#thread?.postMessage({ buffer: batch.buffer, count: batch.entries.length }, [batch.buffer.buffer]);
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
    if (this.#sent.length === 0) this.#thread?.unref();
    this.#free.push(answers);
    // Those that were checked here meanwhile have been given, and count no more.
    for (const [number, owed] of batch.entries.entries()) owed.fits ??= answers[number] === 1;
    this.#give();
  }

  /** Gives what is known, up to the first that is not. */
  #give(): void {
    const unknown = this.#owed.findIndex(({ fits }) => fits === undefined);
    const known = this.#owed.splice(0, unknown < 0 ? this.#owed.length : unknown);
    if (known.length === 0) return;
    for (const { give, fits } of known) give(fits === true);
    this.#giving++;
    queueMicrotask(() => {
      this.#giving--;
      this.#give();
    });
  }

  #lose(error: unknown): void {
    if (this.#state === 'lost') return;
    this.#state = 'lost';
    this.#thread = undefined;
    this.#options.log?.warn('signatures are checked on one core from now on', { error: String(error) });
    this.#sent.length = 0;
    this.#checkOwed();
  }

  /** What the thread owes is answered here. Batches that it has stay with it until they come back: it gets no others before. */
  #checkOwed(): void {
    for (const owed of this.#owed) owed.fits ??= verify(owed.publicKey, owed.data, owed.signature);
    this.#batch = undefined;
    this.#thread?.unref();
    this.#give();
  }
}
