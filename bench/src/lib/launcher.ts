import { type ChildProcess, fork } from 'node:child_process';
import { type Answer, type Call, isAnswer, type Remote } from './ipc.ts';

/** No single call takes longer: whoever is still busy then hangs. */
const callTimeoutMs = 600_000;
const startTimeoutMs = 60_000;
/** A child that has not ended by itself by then is killed. */
const tidyTimeoutMs = 5_000;

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** One child process and the calls that it still owes an answer to. */
class RoleProcess {
  readonly #child: ChildProcess;
  readonly #label: string;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #ended: Error | undefined;

  constructor(script: URL, label: readonly string[], execArgv: readonly string[]) {
    this.#label = label.join(' ');
    this.#child = fork(script, label, {
      execArgv: [...execArgv],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child.on('message', (message: unknown) => {
      if (isAnswer(message)) this.#receive(message);
    });
    this.#child.on('exit', (code, signal) => this.#end(new Error(`${this.#label} ended with ${signal ?? code}`)));
    this.#child.on('error', (error) => this.#end(error));
  }

  ready(): Promise<void> {
    return this.#await(0, startTimeoutMs, 'start').then(() => undefined);
  }

  call(method: string, parameters: readonly unknown[]): Promise<unknown> {
    const id = this.#nextId++;
    const answer = this.#await(id, callTimeoutMs, method);
    const call: Call = { kind: 'call', id, method, parameters };
    if (this.#ended === undefined) {
      this.#child.send(call, (error) => {
        if (error !== null) this.#pending.get(id)?.reject(error);
      });
    }
    return answer;
  }

  /** Ends the process, and resolves when it is gone. A child without its runner ends by itself, and tidies up. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), tidyTimeoutMs);
    await gone;
    clearTimeout(timer);
  }

  #await(id: number, timeoutMs: number, what: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended);
        return;
      }
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new Error(`${this.#label} did not answer ${what} in ${timeoutMs / 1_000} s`));
      }, timeoutMs);
      const settle = (): void => {
        clearTimeout(timer);
        this.#pending.delete(id);
      };
      this.#pending.set(id, {
        resolve: (value) => {
          settle();
          resolve(value);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
    });
  }

  #receive(answer: Answer): void {
    if (answer.kind === 'ready') this.#pending.get(0)?.resolve(undefined);
    else if (answer.kind === 'value') this.#pending.get(answer.id)?.resolve(answer.value);
    else if (answer.id === undefined) this.#end(new Error(`${this.#label}: ${answer.message}`));
    else this.#pending.get(answer.id)?.reject(new Error(`${this.#label}: ${answer.message}`));
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const pending of [...this.#pending.values()]) pending.reject(this.#ended);
  }
}

/** Starts the processes of one run of one subject, each playing a role of `Roles`, and ends them all. */
export class Launcher<Roles> {
  readonly #script: URL;
  readonly #label: readonly string[];
  readonly #execArgv: readonly string[];
  readonly #processes: RoleProcess[] = [];

  /** `script` is what each process runs, with `label` and the role as its arguments. */
  constructor(script: URL, label: readonly string[], execArgv: readonly string[]) {
    this.#script = script;
    this.#label = label;
    this.#execArgv = execArgv;
  }

  async start<K extends keyof Roles & string>(role: K): Promise<Remote<Roles[K]>> {
    const started = new RoleProcess(this.#script, [...this.#label, role], this.#execArgv);
    this.#processes.push(started);
    await started.ready();
    const proxy: unknown = new Proxy(
      {},
      {
        get: (_, method) =>
          // A proxy that answered to `then` would be taken for a promise.
          typeof method !== 'string' || method === 'then' ? undefined : (...parameters: unknown[]) => started.call(method, parameters),
      },
    );
    return proxy as Remote<Roles[K]>;
  }

  async close(): Promise<void> {
    await Promise.all(this.#processes.map((each) => each.close()));
  }
}
