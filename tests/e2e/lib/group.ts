import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Calls } from './group.mjs';

const SCRIPT = join(import.meta.dirname, 'group.mjs');

interface Pending {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

/** Nodes in a process of their own, and what can be asked of them. Compiled, as users run them. */
export class Group {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  readonly #ended: Promise<unknown>;
  #log = '';
  #count = 0;

  constructor() {
    this.#child = fork(SCRIPT, { execArgv: [], stdio: ['ignore', 'inherit', 'pipe', 'ipc'] });
    this.#child.stderr?.setEncoding('utf8').on('data', (text) => {
      this.#log += text;
    });
    this.#child.on('message', (answer) => this.#answered(answer as { id: number; result: never; error?: string }));
    this.#ended = once(this.#child, 'close').then(() => {
      for (const { reject } of this.#pending.values()) reject(new Error(`the process ended: ${this.#log}`));
      this.#pending.clear();
    });
  }

  /** Has the process do something, and waits for the result. */
  call<K extends keyof Calls>(call: K, ...args: Parameters<Calls[K]>): ReturnType<Calls[K]> {
    const id = this.#count++;
    const answer = new Promise<never>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#child.send({ id, call, args }, (error) => {
        if (error) reject(error);
      });
    });
    return answer as ReturnType<Calls[K]>;
  }

  /** Without a goodbye, as by `kill -9`. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  #answered({ id, result, error }: { id: number; result: never; error?: string }): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (error === undefined) pending?.resolve(result);
    else pending?.reject(new Error(error));
  }
}
