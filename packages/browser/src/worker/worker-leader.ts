import { ParleyError } from '@parley/core';
import type { Sealed } from '../identity/sealed.ts';
import type { TabEvent } from '../parley.ts';
import { type CallName, errorOf, type LeaderPhase } from '../tabs/protocol.ts';
import type { FromWorker, ToWorker, WorkerOptions } from './protocol.ts';

/** What a leading tab needs of the worker that runs the node. */
export interface WorkerLeaderDeps {
  readonly options: WorkerOptions;
  readonly startWorker: () => Worker;
  readonly publish: (event: TabEvent) => void;
  readonly phaseChanged: () => void;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: ParleyError) => void;
}

const CLOSED = 'the node of this browser does not run here any more';

/** The node of this browser, in a worker of this page. */
export class WorkerLeader {
  readonly #deps: WorkerLeaderDeps;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #count = 0;
  #phase: LeaderPhase = { phase: 'starting' };
  #session: Sealed | undefined;
  #ended = false;
  #closed: (() => void) | undefined;

  constructor(deps: WorkerLeaderDeps) {
    this.#deps = deps;
    this.#session = deps.options.session;
    this.#worker = deps.startWorker();
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#heard(data);
    this.#worker.onerror = ({ message }) => this.#failed(message);
    this.#post({ kind: 'start', options: deps.options });
  }

  get phase(): LeaderPhase {
    return this.#phase;
  }

  /** The secret as other tabs keep it in memory, so that one of them can go on. */
  get session(): Sealed | undefined {
    return this.#session;
  }

  /** Errors: those of the call. */
  call(name: CallName, args: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#ended) {
        reject(new ParleyError('closed', CLOSED));
        return;
      }
      const id = this.#count++;
      this.#waiting.set(id, { resolve, reject });
      this.#post({ kind: 'call', id, name, args });
    });
  }

  wake(): void {
    this.#post({ kind: 'wake' });
  }

  watchTraffic(wanted: boolean): void {
    this.#post({ kind: 'watch', wanted });
  }

  /** Says goodbye, and resolves when all is written. */
  close(): Promise<void> {
    if (this.#ended) return Promise.resolve();
    return new Promise((resolve) => {
      this.#closed = resolve;
      this.#post({ kind: 'close' });
    });
  }

  /** Ends it at once, as a crash would: whatever was acknowledged is on disk. */
  kill(): void {
    if (this.#ended) return;
    this.#worker.terminate();
    this.#end();
  }

  #heard(message: FromWorker): void {
    if (this.#ended) return;
    if (message.kind === 'event') this.#deps.publish(message.event);
    else if (message.kind === 'phase') {
      this.#phase = message.phase;
      this.#session = message.session;
      this.#deps.phaseChanged();
    } else if (message.kind === 'answer') {
      const waiting = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if (message.error) waiting?.reject(errorOf(message.error));
      else waiting?.resolve(message.value);
    } else this.#end();
  }

  /** Its script could not be loaded, or failed as a whole. */
  #failed(why: string | undefined): void {
    if (this.#ended || this.#phase.phase === 'failed') return;
    const message = `the node of this browser could not be started: load the page again (${why ?? 'its script did not load'})`;
    this.#phase = { phase: 'failed', code: 'unsupported', message };
    this.#deps.phaseChanged();
  }

  #end(): void {
    this.#ended = true;
    for (const { reject } of this.#waiting.values()) reject(new ParleyError('closed', CLOSED));
    this.#waiting.clear();
    this.#closed?.();
  }

  #post(message: ToWorker): void {
    if (!this.#ended) this.#worker.postMessage(message);
  }
}
