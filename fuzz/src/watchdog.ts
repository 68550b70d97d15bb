import { Worker } from 'node:worker_threads';
import type { Progress } from './target.ts';

/** Without progress for so much of a processor's time a run hangs; and for ten times that by the clock, whatever it waits for. */
const HANG_MS = 60_000;

/** Runs beside the main thread, which an endless loop would keep from ever saying so. */
const WATCHER = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { writeSync } = require('node:fs');
  const counter = new Int32Array(workerData.counter);
  let what = '', seen = -1, since = Date.now(), used = process.cpuUsage();
  parentPort.on('message', (name) => { what = name; seen = -1; });
  setInterval(() => {
    const now = Atomics.load(counter, 0);
    if (now !== seen) { seen = now; since = Date.now(); used = process.cpuUsage(); return; }
    const { user, system } = process.cpuUsage(used);
    if (what === '' || ((user + system) / 1000 < workerData.limit && Date.now() - since < 10 * workerData.limit)) return;
    writeSync(2, what + ': input ' + now + ' hangs\\nagain: npm run fuzz -- --target ' + what.replace(' of seed ', ' --seed ') + ' --runs ' + now + '\\n');
    process.kill(process.pid, 'SIGKILL');
  }, 1000).unref();
`;

/** Ends the process, naming the input, when a target makes no progress. */
export class Watchdog {
  readonly #counter = new Int32Array(new SharedArrayBuffer(4));
  readonly #worker: Worker;

  constructor(limitMs: number = HANG_MS) {
    this.#worker = new Worker(WATCHER, { eval: true, workerData: { counter: this.#counter.buffer, limit: limitMs } });
    this.#worker.unref();
  }

  /** Begins to watch over a target. */
  watch(target: string, seed: string): Progress {
    Atomics.store(this.#counter, 0, 0);
    this.#worker.postMessage(`${target} of seed ${seed}`);
    return (input) => {
      Atomics.store(this.#counter, 0, input);
    };
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}
